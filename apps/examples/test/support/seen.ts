import type { Page } from 'puppeteer-core';

/** What can be seen on the page that one watches, waited for. */
export class Seen {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
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
      await this.page.waitForFunction(
        (figure, known) =>
          Number(
            document.querySelector<HTMLElement>(`[data-figure="${figure}"]`)!.dataset['value'] ?? 0,
          ) !== known,
        {},
        name,
        value,
      );
    }
  }

  /** Waits until a text can be read there. */
  async text(where: string, pattern: RegExp): Promise<void> {
    await this.page.waitForFunction(
      (selector, source) =>
        new RegExp(source).test(document.querySelector(selector)?.textContent ?? ''),
      {},
      where,
      pattern.source,
    );
  }

  /** Waits until there are so many. */
  async count(selector: string, count: number): Promise<void> {
    await this.page.waitForFunction(
      (all, wanted) => document.querySelectorAll(all).length === wanted,
      {},
      selector,
      count,
    );
  }
}
