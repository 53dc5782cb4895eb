/** The constructor arguments that are lists of layers: of a description, and of what files hold. */
export const layerLists = ['layers', 'shortcut'] as const;
