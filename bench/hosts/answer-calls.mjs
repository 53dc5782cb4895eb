/** In a child process: answers its parent's calls { method, parameters } with an object's methods. */
export function answerCalls(target) {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ method, parameters }) => {
    try {
      process.send({ result: await target[method](...parameters) });
    } catch (error) {
      process.send({ error: String(error?.stack ?? error) });
    }
  });
}
