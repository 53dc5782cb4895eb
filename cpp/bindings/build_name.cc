// The module's version and variant, in a custom section:
// web/src/runtime/init.ts compares them with those it asked for, before it
// hands the module to JavaScript that may have been written for another.

#include <cstdint>

#if LAMELLA_THREADS && LAMELLA_RELAXED_SIMD
#define LAMELLA_VARIANT "relaxed-threads"
#elif LAMELLA_THREADS
#define LAMELLA_VARIANT "threads"
#elif LAMELLA_RELAXED_SIMD
#define LAMELLA_VARIANT "relaxed"
#else
#define LAMELLA_VARIANT "simd"
#endif

// clang-format off
__asm__(
    ".section .custom_section.lamella,\"\",@\n"
    ".ascii \"" LAMELLA_VERSION " " LAMELLA_VARIANT "\"\n");
// clang-format on

/// Emscripten's: sets the stack pointer of the instance that calls it.
extern "C" void _emscripten_stack_restore(uintptr_t stack);

// Threads start by the address of this function. Named here, it is in the same
// place among every variant's exports, whose short names follow from their
// places: so one file of JavaScript serves all variants.
[[gnu::used]] void (*const lamella_set_stack)(uintptr_t) =
    &_emscripten_stack_restore;
