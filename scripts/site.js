// In the pages of `npm run docs`: buttons that run the examples, against the library in the site. Browsers load
// modules over HTTP only, so a site that is opened as files shows no buttons.
const library = new URL('../lamella/', document.currentScript.src);
const cdn = /https:\/\/cdn\.jsdelivr\.net\/npm\/lamella@[\d.]+\/dist\//;

/** A page that runs a program, and hands on what it prints. */
function pageOf(program) {
  const imports = {
    lamella: `${library}index.js`,
    'lamella/data': `${library}data.js`,
    'lamella/graph': `${library}graph.js`,
    'lamella/images': `${library}images.js`,
    'lamella/worker': `${library}worker-client.js`,
  };
  return `<script type="importmap">${JSON.stringify({ imports })}</script>
    <script>
      const show = (text) => frameElement.show(text);
      const textOf = (value) =>
        typeof value === 'string' ? value : JSON.stringify(ArrayBuffer.isView(value) ? [...value] : value);
      console.log = (...values) => show(values.map(textOf).join(' '));
      addEventListener('error', ({ message }) => show(message));
      addEventListener('unhandledrejection', ({ reason }) => show(String(reason)));
    </script>
    <script type="module">${program}</script>`;
}

/** Puts a button under an example, a program or a page, and under that what comes of it. */
function addButton(example, isPage) {
  const button = document.createElement('button');
  button.textContent = 'Run';
  const output = document.createElement('pre');
  output.hidden = true;
  output.tabIndex = 0;
  output.setAttribute('role', 'log');
  output.setAttribute('aria-label', 'Output');
  example.after(button, output);
  let frame;
  button.onclick = () => {
    frame?.remove();
    frame = document.createElement('iframe');
    frame.title = 'The example';
    frame.hidden = !isPage;
    frame.className = 'example';
    output.textContent = '';
    output.hidden = isPage;
    frame.show = (text) => (output.textContent += `${text}\n`);
    // TypeDoc's lines end in <br>, which is a line's end in what is shown: not before.
    const text = example.querySelector('code').innerText;
    frame.srcdoc = isPage ? text.replace(cdn, library) : pageOf(text);
    output.after(frame);
  };
}

if (location.protocol.startsWith('http')) {
  for (const code of document.querySelectorAll('pre > code')) {
    const text = code.textContent;
    const isProgram = /from 'lamella/.test(text) && /await init\(\)/.test(text);
    const isPage = code.className === 'html' && cdn.test(text);
    // Pages have neither Node's modules nor a worker's script in a file of its own.
    if (/node:|new Worker/.test(text)) continue;
    if (isPage || (code.className === 'js' && isProgram)) addButton(code.parentElement, isPage);
  }
}
