/** The page's only program: strokes on a canvas, and what the model says of them. */
const canvas = document.querySelector('#canvas');
const seen = document.querySelector('#seen');
const digit = document.querySelector('#digit');
const bars = document.querySelector('#bars');
const status = document.querySelector('#status');
const pen = canvas.getContext('2d');

const invitation = status.textContent;
/** Counts what was asked: an answer to anything but the newest question comes too late. */
let asked = 0;
let rows = [];

function clear() {
  asked += 1;
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  seen.getContext('2d').clearRect(0, 0, seen.width, seen.height);
  digit.textContent = '?';
  for (const row of rows) setBar(row, null, false);
  status.textContent = invitation;
}

/** Where a pointer is, in the canvas's own pixels. */
function placeOf(event) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [
    ((event.clientX - left) * canvas.width) / width,
    ((event.clientY - top) * canvas.height) / height,
  ];
}

function begin(event) {
  canvas.setPointerCapture(event.pointerId);
  pen.lineWidth = 22;
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  pen.strokeStyle = '#111';
  pen.beginPath();
  pen.moveTo(...placeOf(event));
  draw(event);
}

function draw(event) {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  pen.lineTo(...placeOf(event));
  pen.stroke();
}

async function ask() {
  asked += 1;
  const question = asked;
  const picture = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  const answer = await fetch('/predict', { method: 'POST', body: picture }).catch(() => null);
  const said = await answer?.json().catch(() => null);
  if (question !== asked) return;
  if (answer?.ok && said) show(said);
  else status.textContent = said?.message ?? 'The server does not answer. Is it still running?';
}

function show({ probabilities, best, image }) {
  digit.textContent = rows[best].name;
  for (const [index, row] of rows.entries()) setBar(row, probabilities[index], index === best);
  const pixels = new ImageData(seen.width, seen.height);
  for (const [place, grey] of image.entries()) {
    pixels.data.set([grey, grey, grey, 255], 4 * place);
  }
  seen.getContext('2d').putImageData(pixels, 0, 0);
  status.textContent = '';
}

/** One class: its name, a bar as long as its probability, and that as a number. */
function addBar(name) {
  const [row, label, track, fill, number] = ['div', 'span', 'div', 'div', 'span'].map((tag) =>
    document.createElement(tag),
  );
  row.className = 'bar';
  label.textContent = name;
  track.className = 'track';
  // The number beside it says the same to those who do not see it.
  track.setAttribute('aria-hidden', 'true');
  fill.className = 'fill';
  track.append(fill);
  row.append(label, track, number);
  bars.append(row);
  return { name, row, fill, number };
}

/** `null`: nothing is drawn. */
function setBar({ row, fill, number }, probability, isSaid) {
  fill.style.width = `${100 * (probability ?? 0)}%`;
  number.textContent = probability?.toFixed(4) ?? '';
  row.classList.toggle('said-so', isSaid);
}

const { classNames, description } = await (await fetch('/model.json')).json();
document.querySelector('#model').textContent = description;
rows = classNames.map(addBar);
clear();
canvas.addEventListener('pointerdown', begin);
canvas.addEventListener('pointermove', draw);
canvas.addEventListener('pointerup', ask);
document.querySelector('#clear').addEventListener('click', clear);
