const holds = (key: string): boolean => key === ' ' || key === 'Enter';

/**
 * Tells when a button is held, by mouse, finger, pen or the keys that press buttons, and when it is let go.
 * A press by other means, such as those of a screen reader, is both at once.
 */
export function onHold(button: HTMLButtonElement, begin: () => void, end: () => void): void {
  button.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || button.disabled) return;
    button.setPointerCapture(event.pointerId);
    begin();
  });
  button.addEventListener('lostpointercapture', end);
  button.addEventListener('keydown', (event) => {
    if (!holds(event.key)) return;
    // A click would follow.
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener('keyup', (event) => {
    if (!holds(event.key)) return;
    event.preventDefault();
    end();
  });
  button.addEventListener('blur', end);
  // A finger that rests opens a menu elsewhere.
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('click', ({ detail }) => {
    if (detail !== 0) return;
    begin();
    end();
  });
}
