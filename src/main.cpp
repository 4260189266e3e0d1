#include "app/options.hpp"

int main(int argc, char** argv) { return headwater::app::read_command_line(argc, argv).exit_code; }
