# One way to declare a target of ours: our warnings (errors), our include root, the sanitizers that were asked for.
add_library(headwater_warnings INTERFACE)
target_compile_options(headwater_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual -Werror)

if(HEADWATER_SANITIZE)
  add_compile_options(-fsanitize=${HEADWATER_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HEADWATER_SANITIZE})
  # GCC 12 sees uninitialised members inside std::regex once the sanitizers have rearranged it, and warns that ThreadSanitizer
  # does not see Asio's fences.
  target_compile_options(headwater_warnings INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
endif()

# headwater_precompile(target header): cmake/precompiled/<header>.hpp, read once for all files of the target.
function(headwater_precompile target header)
  if(HEADWATER_PRECOMPILED_HEADERS)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake)
    target_precompile_headers(${target} PRIVATE <precompiled/${header}.hpp>)
  endif()
endfunction()

# Files in which GCC 12 warns of bounds inside the standard library only behind a precompiled header: they read their
# headers themselves.
function(headwater_not_precompiled)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()

# headwater_library(name FOLDERS folder... LINK libraries... [PRECOMPILE header])
function(headwater_library name)
  cmake_parse_arguments(ARG "" "PRECOMPILE" "FOLDERS;LINK" ${ARGN})
  set(sources "")
  foreach(folder IN LISTS ARG_FOLDERS)
    file(GLOB_RECURSE found CONFIGURE_DEPENDS ${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} INTERFACE ${ARG_LINK})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE headwater_warnings)
  if(ARG_PRECOMPILE)
    headwater_precompile(${name} ${ARG_PRECOMPILE})
  endif()
endfunction()
