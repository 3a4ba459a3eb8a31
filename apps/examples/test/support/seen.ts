import type { Page } from 'puppeteer-core';

/** Whenever something changes: what is to be seen for a moment only is not missed. */
const atOnce = { polling: 'mutation' } as const;

/** What can be seen on the page that one watches, waited for. */
export class Seen {
  private readonly page: Page;
  private readonly problems: readonly string[];

  /** @param problems - what has gone wrong on the page */
  constructor(page: Page, problems: readonly string[]) {
    this.page = page;
    this.problems = problems;
  }

  /** A figure of the ledger, as it is. */
  value(name: string): Promise<number> {
    return this.page.$eval(`[data-figure="${name}"]`, (element) =>
      Number((element as HTMLElement).dataset['value'] ?? 0),
    );
  }

  /** Waits until a figure of the ledger is as it should be; `before` is handed on to who says so. */
  async figure(
    name: string,
    is: (value: number, before: number) => boolean,
    before = 0,
  ): Promise<void> {
    for (;;) {
      const value = await this.value(name);
      if (is(value, before)) return;
      const changes = this.page.waitForFunction(
        (figure, known) =>
          Number(
            document.querySelector<HTMLElement>(`[data-figure="${figure}"]`)!.dataset['value'] ?? 0,
          ) !== known,
        atOnce,
        name,
        value,
      );
      await this.told(`${name} to be other than ${String(value)}`, changes);
    }
  }

  /** Waits until a text can be read there. */
  text(where: string, pattern: RegExp): Promise<void> {
    const comes = this.page.waitForFunction(
      (selector, source) =>
        new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''),
      atOnce,
      where,
      pattern.source,
    );
    return this.told(`${String(pattern)} in ${where}`, comes);
  }

  /** Marks the lines that are there, and answers what selects those that come later. */
  async markLines(selector: string): Promise<string> {
    await this.page.$$eval(selector, (all) => {
      for (const line of all) (line as HTMLElement).dataset['seen'] = 'yes';
    });
    return `${selector}:not([data-seen])`;
  }

  /** Waits until one of them says so, also if others have come behind it. */
  line(selector: string, pattern: RegExp): Promise<void> {
    const comes = this.page.waitForFunction(
      (all, source) =>
        [...document.querySelectorAll(all)].some((line) =>
          new RegExp(source).test(line.textContent),
        ),
      atOnce,
      selector,
      pattern.source,
    );
    return this.told(`${String(pattern)} in ${selector}`, comes);
  }

  /** Waits until there are so many. */
  count(selector: string, count: number): Promise<void> {
    const comes = this.page.waitForFunction(
      (all, wanted) => document.querySelectorAll(all).length === wanted,
      atOnce,
      selector,
      count,
    );
    return this.told(`${String(count)} of ${selector}`, comes);
  }

  /** Says what was to be seen, and what was instead. */
  private async told(wanted: string, coming: Promise<unknown>): Promise<void> {
    try {
      await coming;
    } catch (error) {
      const there = await this.page.$eval('main', (main) => main.innerText.replaceAll(/\s+/g, ' '));
      throw new Error(`Waited for ${wanted}. There is: ${there}. Went wrong: [${this.problems.join('; ')}]`, { cause: error });
    }
  }
}
