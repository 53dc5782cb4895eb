/** The page's element with an id, checked to be of the class that the caller works with. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return element;
}

/** A new element with a class and children. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

const dark = matchMedia('(prefers-color-scheme: dark)');
const cssValues = new Map<string, string>();

dark.addEventListener('change', () => {
  cssValues.clear();
});

/** A value of the style sheet, such as a colour; asking the browser each time would be slow. */
export function cssValue(name: string): string {
  let value = cssValues.get(name);
  if (value === undefined) {
    value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    cssValues.set(name, value);
  }
  return value;
}

/** Calls back when light turns to dark or the other way. */
export function onThemeChange(callback: () => void): void {
  dark.addEventListener('change', callback);
}

/** A function that runs `draw` once before the next paint, however often it is called. */
export function oncePerFrame(draw: () => void): () => void {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}
