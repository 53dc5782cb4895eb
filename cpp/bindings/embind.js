// The JavaScript side of embind's `function` and of handles.h. Emscripten's linker puts it into the
// glue code, the first in the place of embind's own.

addToLibrary({
  // A name with a point is a method's: "Layer.build" takes the layer first and becomes `build` of the
  // class Layer. There are no overloads, and types are known by the time of the first call.
  //
  // An error that passes through WebAssembly leaves its stack as it is. It is put back here: after
  // some ten thousand errors there would be none left.
  _embind_register_function__deps: [
    '$EngineHandle',
    '$UTF8ToString',
    '$getWasmTableEntry',
    '$requireRegisteredType',
    '$stackRestore',
    '$stackSave',
  ],
  _embind_register_function: (
    name,
    typeCount,
    types,
    signature,
    invoker,
    target,
    async,
    nonnull,
  ) => {
    name = UTF8ToString(name);
    let result, parameters, invoke;
    const call = (...values) => {
      if (!invoke) {
        // Not before it is needed: most functions never are, and all of them took 2 ms at start-up.
        [result, ...parameters] = Array.from({ length: typeCount }, (_, i) =>
          requireRegisteredType(HEAPU32[(types >>> 2) + i], name),
        );
        invoke = getWasmTableEntry(invoker);
      }
      const stack = stackSave();
      const wired = [];
      const handles = values.filter((value) => value instanceof EngineHandle);
      handles.forEach((handle) => handle.hold(1));
      try {
        parameters.forEach((type, i) => wired.push(type.toWireType(null, values[i])));
        return result.fromWireType(invoke(target, ...wired));
      } finally {
        stackRestore(stack);
        wired.forEach((value, i) => parameters[i].destructorFunction?.(value));
        handles.forEach((handle) => handle.hold(-1));
      }
    };
    const [owner, method] = name.split('.');
    if (method) {
      Module[owner].prototype[method] = function (...values) {
        return call(this, ...values);
      };
    } else {
      Module[name] = call;
    }
  },

  // What is deleted during calls that it takes part in, by the user's code that they come to, lives
  // until they end.
  $EngineHandle: class {
    constructor(address) {
      this.address = address;
      this.calls = 0;
    }
    hold(calls) {
      this.calls += calls;
      if (this.deleted && !this.calls) {
        this.destroy(this.address);
        this.address = 0;
      }
    }
    delete() {
      this.deleted = true;
      this.hold(0);
    }
  },

  lamella_register_handle__sig: 'vppp',
  lamella_register_handle__deps: [
    '$EngineHandle',
    '$UTF8ToString',
    '$getWasmTableEntry',
    '$readPointer',
    '$registeredTypes',
    '$throwBindingError',
  ],
  lamella_register_handle: (type, name, destroy) => {
    name = UTF8ToString(name);
    class Handle extends EngineHandle {}
    Handle.prototype.destroy = getWasmTableEntry(destroy);
    Module[name] = Handle;
    registeredTypes[type] = {
      fromWireType: (address) => new Handle(address),
      toWireType: (destructors, handle) =>
        handle instanceof Handle && !handle.deleted
          ? handle.address
          : throwBindingError(`wanted a ${name} that was not deleted`),
      readValueFromPointer: readPointer,
    };
  },
});
