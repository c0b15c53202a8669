/** The teleconsult: the specialist's list, the request, what comes back to who asked. */
import { check, choose, fill, press, reveal, screen, see } from './steps.mjs'

const listed = press('place-teleconsults')
const opened = (name) => [listed, press(`teleconsult-${name}`)]
const requested = (patient) => [
  press('place-patients', `patient-${patient}`, 'patient-new-teleconsult'),
  see('new-request'),
  press('step-question'),
]
const PACEMAKER = 'Affanno da sforzo dopo impianto di pacemaker: serve anticipare il controllo?'
const MURMUR = 'Soffio sistolico dolce, rilevato a 12 e 14 mesi, in bambina che cresce bene. Basta il controllo?'

export const TELECONSULT = [
  screen('07-teleconsults', 'today', [opened('tc-delvecchiati'), see('answer-box')]),
  screen('07-claimed-by-other', 'today', [
    listed,
    press('teleconsult-filter-waiting', 'teleconsult-tc-ruggerini'),
    see('taken'),
  ]),
  screen('07-answered-offline', 'queue', [
    opened('tc-delvecchiati'),
    fill('answer-what', 'Passare all’anticoagulante diretto'),
    fill('answer-by_when', 'entro 7 giorni'),
    fill('answer-worry', 'sanguinamento'),
    press('answer-send'),
    see('teleconsult-queued'),
  ]),
  screen('07-ask-information', 'today', [opened('tc-delvecchiati'), press('ask-information'), see('ask-dialog')]),
  screen('07-two-versions', 'conflict', [opened('tc-ruggerini'), see('case-versions')]),
  screen('07-refused', 'gp-refused', [opened('tc-corvelli'), see('case-stopped')]),
  screen('07-reply', 'gp', [opened('tc-corvelli'), see('reply-box')]),
  screen('07-prescribe', 'gp', [
    listed,
    press('teleconsult-filter-prescribe', 'prescription-tc-santoviti'),
    see('prescription-card'),
  ]),
  screen('07-empty', 'empty', [listed, see('teleconsults-empty')]),
  screen('07-pending', 'gp', [see('pending')]),
  screen('07-acknowledge', 'gp', [press('teleconsult-tc-santoviti'), see('acknowledge-box')]),
  screen('07-pending-empty', 'gp-empty', [see('pending-empty')]),
  screen('08-request', 'gp', [requested('marottoli'), fill('question', PACEMAKER), choose('speciality', '08')]),
  screen('08-request-template', 'gp', [
    requested('marottoli'),
    fill('question', 'Affanno da sforzo dopo impianto di pacemaker'),
    choose('speciality', '08'),
    see('template'),
    reveal('template'),
  ]),
  screen(
    '08-request-minor',
    'pls-offline',
    [
      requested('santelmi'),
      fill('question', MURMUR),
      press('attach-side', 'step-representation'),
      check('giver-0'),
      fill('giver-document', 'Carta d’identità CA00000XX'),
    ],
    700,
  ),
  screen(
    '08-request-send',
    'pls-offline',
    [requested('santelmi'), fill('question', MURMUR), press('step-send'), see('missing')],
    700,
  ),
  screen('08-request-queued', 'pls-offline', [
    requested('marottoli'),
    fill('question', PACEMAKER),
    choose('speciality', '08'),
    check('priority-B'),
    press('step-consent'),
    check('consent'),
    press('step-send', 'request-send'),
    see('teleconsult-queued'),
  ]),
]
