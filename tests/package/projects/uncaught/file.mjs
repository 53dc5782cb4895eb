import { init, loadNpz } from 'lamella';

await init();
await loadNpz(new Uint8Array(5));
