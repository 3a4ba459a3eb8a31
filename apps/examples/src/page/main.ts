/**
 * The page that one can watch: producers and consumers in Web Workers, the queue between them, which lives in a worker, too,
 * and knobs for all of it.
 */
import { canShare, channels } from './line/channel.js';
import { Controls } from './panel/controls.js';
import { watchTasks } from './panel/figures.js';
import { Plots } from './panel/plots.js';
import { bindTheme } from './panel/theme.js';
import { Show } from './show.js';
import { Palette } from './stage/palette.js';

const palette = new Palette();
const plots = new Plots(palette);
const controls = new Controls({
  settings: (settings) => {
    show.tell({ kind: 'settings', settings });
  },
  ready: (ready) => {
    show.tell({ kind: 'ready', ready });
  },
});
const show = new Show(controls.settings, {
  palette,
  plots,
  opened: () => controls.showReady(true),
});

bindTheme(() => {
  palette.forget();
  plots.redraw();
  show.redraw();
});
watchTasks();

for (const role of ['producer', 'consumer'] as const)
  document.getElementById(`crash-${role}`)!.addEventListener('click', () => {
    show.tell({ kind: 'crash', role, index: undefined });
  });
document.getElementById('measure')!.addEventListener('click', () => {
  show.tell({ kind: 'measure', channels: canShare() ? channels : ['ports'] });
});
const pause = document.getElementById('pause')!;
pause.addEventListener('click', () => {
  const paused = pause.ariaPressed !== 'true';
  pause.ariaPressed = String(paused);
  pause.textContent = paused ? 'Go on' : 'Pause';
  show.tell({ kind: 'pause', paused });
});
