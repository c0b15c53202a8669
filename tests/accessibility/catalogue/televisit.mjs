/** The agenda, what precedes a visit, the call. */
import { press, screen, see } from './steps.mjs'

const visit = (name) => [press(`row-${name}`), see('televisit-detail')]
const identified = [press('verify-identity', 'method-document_shown')]
const consenting = [identified, press('confirm-identity', 'record-consent', 'consent-service')].flat()

export const TELEVISIT = [
  screen('02-today', 'today', [see('agenda')]),
  screen('02-today-detail', 'today', visit('tv-marottoli')),
  screen('02-identity', 'today', [visit('tv-marottoli'), identified]),
  screen('02-consent-ward', 'today', [visit('tv-gualterotti'), consenting]),
  screen(
    '02-start',
    'today',
    [visit('tv-marottoli'), consenting, press('confirm-consent', 'start-televisit'), see('start-dialog')],
    900,
  ),
  screen('02-station', 'today', [visit('tv-marottoli'), press('open-station-check'), see('station-outcome')]),
  screen('02-not-delivered', 'today', [visit('tv-marottoli'), press('not-delivered'), see('not-delivered-dialog')]),
  screen('02-delay', 'today', [visit('tv-marottoli'), press('notify-delay'), see('delay-dialog')]),
  screen('02-document', 'today', [visit('tv-marottoli'), press('document-marottoli-1'), see('document-dialog')], 1200),
  screen('02-child', 'today', visit('tv-santelmi')),
  screen('02-not-a-control-visit', 'today', visit('tv-sorbellini')),
  screen('02-empty', 'empty', [see('agenda-empty')]),
  screen('03-call', 'call', [press('row-action-tv-marottoli'), see('call')], 1200),
  screen('03-call-interrupted', 'cut', [press('row-action-tv-marottoli'), see('interrupted')], 600),
  screen('03-outcome', 'call', [press('row-action-tv-marottoli', 'call-end'), see('outcome-dialog')], 900),
  screen('03-call-compact', 'call', [press('row-tv-torrigiani'), see('compact-call')], 900),
]
