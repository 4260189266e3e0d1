# One way to declare a target of ours: our warnings (errors), our include root, the sanitizers that were asked for.
add_library(headwater_warnings INTERFACE)
target_compile_options(headwater_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror)

if(HEADWATER_SANITIZE)
  add_compile_options(-fsanitize=${HEADWATER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HEADWATER_SANITIZE})
endif()

# headwater_library(name SOURCES_UNDER folder... LINK libraries...)
function(headwater_library name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LINK" ${ARGN})
  set(sources "")
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE headwater_warnings)
endfunction()
