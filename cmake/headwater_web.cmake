# headwater_web(target) compiles the dashboard (web/dist, which `./dev build` makes with npm) into a library: each file as it is and
# gzipped, and the table rest/web_files.hpp declares. Without web/dist it is one page that says how to build it.
# The names hold hashes, so the folder is looked at again with each build; nothing is compiled while it is unchanged.
enable_language(ASM)

function(headwater_web target)
  set(stem ${CMAKE_BINARY_DIR}/generated/${target})
  if(NOT EXISTS ${PROJECT_SOURCE_DIR}/web/dist/index.html)
    message(WARNING "web/dist is not there: this binary will have no dashboard. ./dev build makes it, with Node and npm.")
  endif()
  add_custom_target(${target}_files
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${PROJECT_SOURCE_DIR}/web/dist -DMISSING=${PROJECT_SOURCE_DIR}/web/missing.html
            -DSTEM=${stem} -P ${PROJECT_SOURCE_DIR}/cmake/embed_web.cmake
    BYPRODUCTS ${stem}.cpp ${stem}.s VERBATIM)
  add_library(${target} STATIC ${stem}.cpp ${stem}.s)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  add_dependencies(${target} ${target}_files)
endfunction()
