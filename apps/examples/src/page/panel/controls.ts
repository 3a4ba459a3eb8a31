import type { Overflow } from '@millrace/core';

import { canShare, type ChannelName } from '../line/channel.js';
import { type Knob, type Scene, scenes, type Settings, steps } from '../line/settings.js';

/** What a knob's value means. */
const meanings: Readonly<Record<Knob, (value: number) => string>> = {
  producers: String,
  making: (value) => `${value.toLocaleString('en')} a second`,
  consumers: String,
  working: (value) => `${value.toLocaleString('en')} a second`,
  batch: (value) => (value === 1 ? 'one by one' : `up to ${String(value)}`),
  capacity: (value) => `${value.toLocaleString('en')} ${value === 1 ? 'item' : 'items'}`,
};

/** The knobs, and the scenes that set them all. */
export class Controls {
  settings: Settings = { ...scenes.steady, channel: 'ports' };
  private readonly form = document.querySelector<HTMLFormElement>('#panel')!;
  private readonly sceneButtons = [...document.querySelectorAll<HTMLButtonElement>('[data-scene]')];
  private readonly ready = document.querySelector<HTMLInputElement>('#ready')!;

  constructor(on: { settings(settings: Settings): void; ready(ready: boolean): void }) {
    for (const knob of Object.keys(steps) as Knob[]) {
      const slider = this.slider(knob);
      slider.max = String(steps[knob].length - 1);
      slider.addEventListener('input', () => {
        this.describe(knob);
      });
    }
    // Only when a slider is let go of: a queue's capacity means another queue.
    this.form.addEventListener('change', ({ target }) => {
      if (target === this.ready) on.ready(this.ready.checked);
      else {
        this.settings = this.read();
        // Whatever items travel by, the scene is the same.
        if ((target as HTMLInputElement).name !== 'channel') this.mark(undefined);
        on.settings(this.settings);
      }
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
    });
    for (const button of this.sceneButtons)
      button.addEventListener('click', () => {
        this.show(button.dataset['scene'] as Scene);
        on.settings(this.settings);
      });
    const shared = document.querySelector<HTMLInputElement>(
      '[name="channel"][value="shared-memory"]',
    )!;
    shared.disabled = !canShare();
    document.getElementById('unshared')!.hidden = canShare();
    this.show('steady');
  }

  /** Another queue is ready, whatever the one before was. */
  showReady(ready: boolean): void {
    this.ready.checked = ready;
  }

  private show(scene: Scene): void {
    this.settings = { ...scenes[scene], channel: this.settings.channel };
    for (const knob of Object.keys(steps) as Knob[]) {
      this.slider(knob).value = String(
        (steps[knob] as readonly number[]).indexOf(this.settings[knob]),
      );
      this.describe(knob);
    }
    this.radios('overflow').value = this.settings.overflow;
    this.radios('channel').value = this.settings.channel;
    this.mark(scene);
  }

  private mark(scene: Scene | undefined): void {
    for (const button of this.sceneButtons)
      button.ariaPressed = String(button.dataset['scene'] === scene);
  }

  private read(): Settings {
    const values = (Object.keys(steps) as Knob[]).map((knob) => [knob, this.value(knob)] as const);
    return {
      ...(Object.fromEntries(values) as Record<Knob, number>),
      overflow: this.radios('overflow').value as Overflow,
      channel: this.radios('channel').value as ChannelName,
    };
  }

  private radios(name: string): RadioNodeList {
    return this.form.elements.namedItem(name) as RadioNodeList;
  }

  private slider(knob: Knob): HTMLInputElement {
    return this.form.elements.namedItem(knob) as HTMLInputElement;
  }

  private value(knob: Knob): number {
    return steps[knob][Number(this.slider(knob).value)]!;
  }

  private describe(knob: Knob): void {
    const text = meanings[knob](this.value(knob));
    const slider = this.slider(knob);
    slider.ariaValueText = text;
    slider.style.setProperty('--part', String(Number(slider.value) / Number(slider.max)));
    this.form.querySelector(`output[for="${slider.id}"]`)!.textContent = text;
  }
}
