/** The report, its signature, its receipts and the queue. */
import { fill, press, screen, see } from './steps.mjs'

const signing = (pin) => [
  press('row-action-tv-marottoli', 'sign-and-send'),
  fill('sign-pin', pin),
  press('confirm-sign'),
]

/** The dialog as it opens, before anything is typed. */
const opened = [press('row-action-tv-marottoli', 'sign-and-send'), see('sign-identity')]
const away = [press('row-action-tv-marottoli', 'sign-and-send'), see('signs-later')]
const remotely = [...opened, press('send-otp'), fill('sign-pin', '12345678'), fill('sign-otp', '000000')]
const waiting = [press('place-queue', 'open-sign-waiting'), see('sign-identity')]

const SIGNATURE = [
  ...['expired', 'revoked', 'other', 'clock', 'few', 'last', 'locked'].map((state) =>
    screen(`05-sign-${state}`, `sign-${state}`, [opened]),
  ),
  screen('05-sign-remote', 'remote', [opened]),
  screen('05-sign-remote-code', 'remote', [remotely, press('confirm-sign'), see('failure-wrong_otp')], 900),
  screen('05-sign-remote-login', 'remote-login', [opened, see('remote-failure')]),
  screen('05-sign-remote-away', 'remote-offline', [away]),
  screen('06-queue-to-sign', 'remote-waiting', [press('place-queue', 'queue-tv-bellisario'), see('receipts')]),
  screen('06-queue-time-stamp', 'remote-waiting', [press('place-queue', 'queue-tv-palazzese'), see('receipts')]),
  screen('06-sign-waiting', 'remote-waiting', [waiting]),
  screen('06-sign-waiting-done', 'remote-waiting', [
    waiting,
    fill('sign-pin', '12345678'),
    fill('sign-otp', '246810'),
    press('confirm-waiting'),
    see('waiting-done'),
  ]),
]

export const REPORT = [
  ...SIGNATURE,
  screen('04-report-in-call', 'report', [press('row-action-tv-marottoli', 'call-to-report'), see('report')], 1600),
  screen('04-report', 'sign', [press('row-action-tv-marottoli'), see('report')], 1600),
  screen('05-sign', 'sign', [signing('00000'), see('failure-wrong_pin_few_left')], 900),
  screen('06-receipts', 'sign', [signing('12345'), see('receipts')], 900),
  screen('06-queue-offline', 'queue', [press('place-queue', 'queue-tv-marottoli'), see('receipts')]),
  screen('06-queue-empty', 'empty', [press('place-queue'), see('queue-empty')]),
]
