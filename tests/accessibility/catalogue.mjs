/** Every screen of the window, by the way that leads to it on the mock host; a file a subject in `catalogue/`. */
import { BATCH } from './catalogue/batch.mjs'
import { PATIENT } from './catalogue/patient.mjs'
import { REPORT } from './catalogue/report.mjs'
import { SESSION } from './catalogue/session.mjs'
import { SETTINGS } from './catalogue/settings.mjs'
import { TELECONSULT } from './catalogue/teleconsult.mjs'
import { TELEVISIT } from './catalogue/televisit.mjs'
import { TRANSITION } from './catalogue/transition.mjs'

export const SCREENS = [
  ...SESSION,
  ...TELEVISIT,
  ...REPORT,
  ...BATCH,
  ...TELECONSULT,
  ...TRANSITION,
  ...PATIENT,
  ...SETTINGS,
]
