// How values cross the boundary, in the place of embind's own part, which knows every type of C++ and
// checks again what the TypeScript package has checked.

addToLibrary({
  // By the names that types.cc gives them.
  $wireTypes__deps: ['$Emval', '$UTF8Decoder', '_emval_decref', 'free', 'malloc'],
  $wireTypes: {
    void: { fromWireType: () => undefined, toWireType: () => undefined },
    bool: { fromWireType: (flag) => !!flag, toWireType: (destructors, flag) => !!flag },
    size_t: { fromWireType: (size) => size >>> 0, toWireType: (destructors, size) => size >>> 0 },
    double: {
      fromWireType: (number) => number,
      toWireType: (destructors, number) => number,
      readValueFromPointer: (pointer) => HEAPF64[pointer >>> 3],
    },
    // Its length and its bytes in UTF-8, for the receiver to free.
    'std::string': {
      fromWireType: (pointer) => {
        // A copy: memory may be shared, which decoders refuse.
        const bytes = HEAPU8.slice(pointer + 4, pointer + 4 + HEAPU32[pointer >>> 2]);
        _free(pointer);
        return UTF8Decoder.decode(bytes);
      },
      toWireType: (destructors, text) => {
        const bytes = new TextEncoder().encode(text);
        const pointer = _malloc(4 + bytes.length);
        HEAPU32[pointer >>> 2] = bytes.length;
        HEAPU8.set(bytes, pointer + 4);
        destructors?.push(_free, pointer);
        return pointer;
      },
      destructorFunction: (pointer) => _free(pointer),
    },
    'emscripten::val': {
      fromWireType: (handle) => {
        const value = Emval.toValue(handle);
        __emval_decref(handle);
        return value;
      },
      toWireType: (destructors, value) => Emval.toHandle(value),
    },
    // Only to JavaScript.
    'memory_view<size_t>': {
      readValueFromPointer: (view) =>
        new Uint32Array(HEAPU8.buffer, HEAPU32[(view >>> 2) + 1], HEAPU32[view >>> 2]),
    },
    'memory_view<float>': {
      readValueFromPointer: (view) =>
        new Float32Array(HEAPU8.buffer, HEAPU32[(view >>> 2) + 1], HEAPU32[view >>> 2]),
    },
    'memory_view<double>': {
      readValueFromPointer: (view) =>
        new Float64Array(HEAPU8.buffer, HEAPU32[(view >>> 2) + 1], HEAPU32[view >>> 2]),
    },
  },

  lamella_register_type__sig: 'vpp',
  lamella_register_type__deps: ['$UTF8ToString', '$readPointer', '$registeredTypes', '$wireTypes'],
  lamella_register_type: (type, name) => {
    registeredTypes[type] = { readValueFromPointer: readPointer, ...wireTypes[UTF8ToString(name)] };
  },

  $requireRegisteredType__deps: ['$registeredTypes'],
  $requireRegisteredType: (type) => registeredTypes[type],

  // `val` and its calls. Nothing here makes symbols or calls constructors.
  _emval_get_method_caller__deps: [
    '$GenericWireTypeSize',
    '$emval_addMethodCaller',
    '$emval_lookupTypes',
    '$emval_returnValue',
  ],
  _emval_get_method_caller: (typeCount, types, kind) => {
    const parameters = emval_lookupTypes(typeCount, types);
    const result = parameters.shift();
    return emval_addMethodCaller((object, method, destructors, packed) => {
      const values = parameters.map((type, i) =>
        type.readValueFromPointer(packed + i * GenericWireTypeSize),
      );
      return emval_returnValue(result, destructors, method.apply(object, values));
    });
  },

  $emval_get_global: () => globalThis,

  $getStringOrSymbol__deps: ['$UTF8ToString'],
  $getStringOrSymbol: (address) => UTF8ToString(address),

  $throwBindingError: (message) => {
    throw new TypeError(message);
  },
});
