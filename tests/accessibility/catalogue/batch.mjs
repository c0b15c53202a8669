/** *Firma massiva*: the reports to sign, the authorisation, the batch and its results. */
import { fill, key, press, screen, see } from './steps.mjs'

const list = [press('open-batch'), see('batch')]
/** Reads them all, one after the other, as a doctor would. */
const readAll = async (page) => {
  const next = page.locator('[data-testid="batch-go-on"]:visible, [data-testid="batch-go-on-page"]:visible').first()
  for (let n = 0; n < 40 && /da leggere/.test(await next.innerText()); n += 1) {
    await next.click()
    await page.locator('[data-testid="batch-page"] canvas').first().waitFor()
    await page.locator('[aria-current="true"][data-read="true"], .ps-badge').first().waitFor({ state: 'attached' })
  }
  await next.click()
}
const authorise = (pin) => [...list, readAll, fill('sign-pin', pin), press('batch-confirm')]

export const BATCH = [
  screen('05-batch', 'batch', [list]),
  screen('05-batch-page', 'batch', [list, press('batch-open-tv-batch-2'), see('batch-page')], 1200),
  screen('05-batch-not-ready', 'batch', [list, press('batch-open-tv-batch-31'), see('batch-obstacle')]),
  screen('05-batch-authorise', 'batch', [list, readAll, see('batch-device')], 600),
  screen('05-batch-going', 'batch', [authorise('12345'), see('batch-going')], 4700),
  screen('05-batch-wrong-pin', 'batch', [authorise('00000'), see('batch-question')], 400),
  screen('05-batch-results', 'batch', [authorise('12345'), see('batch-close')], 400),
  screen('05-batch-empty', 'empty', [see('agenda-empty'), key('Alt+f'), see('batch-empty')]),
]
