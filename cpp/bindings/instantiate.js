// The glue code begins with this: its `WebAssembly` is the one that init.ts gives it, which hears of
// failures. Emscripten's smallest runtime leaves them to nobody.
const { WebAssembly } = Module;
