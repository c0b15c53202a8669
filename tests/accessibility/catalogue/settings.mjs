/** The settings, section by section. */
import { press, screen } from './steps.mjs'

export const SETTINGS = ['station', 'devices', 'signing', 'region', 'keyboard', 'register'].map((section) =>
  screen(`14-settings-${section}`, 'today', [press('place-settings', `settings-${section}`)]),
)
