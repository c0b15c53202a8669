/** The report, its signature, its receipts and the queue. */
import { fill, press, screen, see } from './steps.mjs'

const signing = (pin) => [
  press('row-action-tv-marottoli', 'sign-and-send'),
  fill('sign-pin', pin),
  press('confirm-sign'),
]

export const REPORT = [
  screen('04-report-in-call', 'report', [press('row-action-tv-marottoli', 'call-to-report'), see('report')], 1600),
  screen('04-report', 'sign', [press('row-action-tv-marottoli'), see('report')], 1600),
  screen('05-sign', 'sign', [signing('00000'), see('failure-wrong_pin_few_left')], 900),
  screen('06-receipts', 'sign', [signing('12345'), see('receipts')], 900),
  screen('06-queue-offline', 'queue', [press('place-queue', 'queue-tv-marottoli'), see('receipts')]),
  screen('06-queue-empty', 'empty', [press('place-queue'), see('queue-empty')]),
]
