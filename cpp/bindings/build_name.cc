// The module's version, kind and variant, in a custom section:
// web/src/runtime/init.ts compares them with those it asked for, before it
// hands the module to JavaScript that may have been written for another.

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
    ".ascii \"" LAMELLA_VERSION " " LAMELLA_KIND LAMELLA_VARIANT "\"\n");
// clang-format on
