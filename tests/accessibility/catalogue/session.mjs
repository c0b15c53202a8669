/** Login, secret, role, lock, and what stands over every place: palette and shortcuts. */
import { fill, key, press, screen, see } from './steps.mjs'

export const SESSION = [
  screen('01-login', 'out', [see('login-cns')]),
  screen('01-login-waiting', 'out', [press('login-spid'), see('login-waiting')]),
  screen('01-login-pin', 'out', [press('known-irene-valmori'), see('unlock-dialog')]),
  screen('01-first-secret', 'first', [see('create-secret')]),
  screen('01-role', 'role', [see('choose-role')]),
  screen('10-locked', 'locked', [see('lock-screen')]),
  screen('10-locked-leaving', 'locked', [press('change-user'), see('leave-warning')]),
  screen('11-palette', 'today', [
    see('agenda'),
    key('Control+k'),
    fill('palette-input', 'mar'),
    see('palette-patient-marottoli'),
  ]),
  screen('11-shortcuts', 'today', [see('agenda'), key('?'), see('shortcuts')]),
]
