// Emscripten's linker puts this into the glue code: the JavaScript side of handles.h.

addToLibrary({
  lamella_register_handle__sig: 'vppp',
  lamella_register_handle__deps: [
    '$GenericWireTypeSize',
    '$UTF8ToString',
    '$getWasmTableEntry',
    '$readPointer',
    '$registerType',
    '$throwBindingError',
  ],
  lamella_register_handle: (type, name, destroy) => {
    name = UTF8ToString(name);
    class Handle {
      constructor(address) {
        this.address = address;
      }
      delete() {
        getWasmTableEntry(destroy)(this.address);
        this.address = 0;
      }
    }
    Module[name] = Handle;
    registerType(type, {
      name,
      fromWireType: (address) => new Handle(address),
      toWireType: (destructors, handle) =>
        handle instanceof Handle && handle.address
          ? handle.address
          : throwBindingError(`wanted a ${name} that was not deleted`),
      argPackAdvance: GenericWireTypeSize,
      readValueFromPointer: readPointer,
      destructorFunction: null,
    });
  },
});
