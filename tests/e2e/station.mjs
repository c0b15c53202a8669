// One PC on its desk: screen, region, card, system browser, window. The journeys start from here, and tear it down after.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { openDisplay } from './display.mjs'
import { captureBrowser, chooseRole, createSecret, giveSecret, logIn } from './login.mjs'
import { makeFilm, openBrowser, Patient } from './patient.mjs'
import { Region } from './region.mjs'
import { makeToken } from './token.mjs'
import { id, openWindow } from './window.mjs'

/** A picture to attach: an invented tracing. */
function drawTracing(file) {
  const beats = Array.from({ length: 8 }, (_, beat) => {
    const x = 20 + beat * 105
    return `${x},150 ${x + 30},150 ${x + 38},140 ${x + 46},150 ${x + 52},60 ${x + 60},190 ${x + 66},150 ${x + 84},130 ${x + 100},150`
  }).join(' ')
  const drawn = spawnSync('convert', [
    '-size',
    '900x300',
    'xc:white',
    '-fill',
    'none',
    '-stroke',
    '#17324d',
    '-strokewidth',
    '2',
    '-draw',
    `polyline ${beats}`,
    file,
  ])
  if (drawn.status !== 0) throw new Error(`convert: ${drawn.stderr ?? drawn.error?.message}`)
  return file
}

/** Invented clinicians of the region: how the region names them, and the name on the screen. */
export const PEOPLE = {
  cardiologist: { practitioner: 'valmori-irene', name: 'Irene Valmori' },
  nephrologist: { practitioner: 'quercetti-sandro', name: 'Sandro Quercetti' },
  generalPractitioner: { practitioner: 'ferrantino-guido', name: 'Guido Ferrantino' },
  paediatrician: { practitioner: 'brandolesi-ugo', name: 'Ugo Brandolesi' },
  cotOperator: { practitioner: 'scarpellini-dario', name: 'Dario Scarpellini' },
  cotColleague: { practitioner: 'marzullesi-rita', name: 'Rita Marzullesi' },
}
/** A PIN and a passphrase at once: digits, and long enough for a PC without a keychain. */
const SECRET = '482915730641'
const CARD_PIN = '57391'

export class Station {
  /** `token` puts a card in the reader; `embedded` leaves the region inside the program. */
  static async open({ token = true, embedded = false, film = true, log } = {}) {
    const station = new Station()
    station.folder = mkdtempSync(`${tmpdir()}/postazione-`)
    station.log = log
    try {
      for (const name of ['data', 'card', 'film']) mkdirSync(`${station.folder}/${name}`)
      station.display = await openDisplay()
      station.capture = captureBrowser(station.folder)
      station.environment = { POSTAZIONE_CHOSEN_FILE: drawTracing(`${station.folder}/tracciato.png`) }
      station.browser = await openBrowser(film ? makeFilm(`${station.folder}/film`) : {})
      if (!embedded) station.region = await Region.start(`${station.folder}/region`)
      if (token) station.token = await station.card()
      await station.openWindow()
    } catch (error) {
      await station.close()
      throw error
    }
    return station
  }

  /** The cardiologist's card. */
  async card(pin = CARD_PIN) {
    const { practitioner, name } = PEOPLE.cardiologist
    return makeToken({ dir: `${this.folder}/card`, name, fiscalCode: await this.fiscalCode(practitioner), pin })
  }

  async fiscalCode(practitioner) {
    const store = await this.region.as(practitioner)
    const { identifier } = await store.read(`Practitioner/${practitioner}`)
    return identifier.find(({ system }) => system.endsWith('codiceFiscale')).value
  }

  async openWindow(environment = {}) {
    const args = ['--data', `${this.folder}/data`]
    if (this.region) args.push('--region', this.region.base)
    this.window = await openWindow({
      args,
      log: this.log,
      environment: {
        ...this.display.environment,
        ...this.capture.environment,
        ...this.token?.environment,
        ...this.environment,
        ...environment,
      },
    })
    await this.window.find('#root > *', 30)
    if (!this.region) this.portal = await this.embeddedPortal()
    return this.window
  }

  async embeddedPortal() {
    const state = await this.window.invoke('station_state')
    if (!state.citizen_address) throw new Error('the program does not say where the citizen’s page is')
    return state.citizen_address
  }

  get portalAddress() {
    return this.region?.portal ?? this.portal
  }

  /** Comes in by the region's login, for the first time on this PC or again, and chooses the role. */
  async enter(person, { onPage } = {}) {
    await this.arrive(person, { onPage })
    await this.window.find(`${id('create-secret')}, ${id('lock-screen')}`)
    if (await this.window.has(id('create-secret'))) await createSecret(this.window, SECRET)
    else await giveSecret(this.window, SECRET)
    await chooseRole(this.window)
  }

  /** Logs in up to what the window asks next. */
  arrive(person, { onPage } = {}) {
    return logIn(this.window, {
      browser: this.browser,
      capture: this.capture,
      practitioner: person.practitioner,
      onPage,
    })
  }

  /** Creates the secret and goes in. */
  async settle() {
    await createSecret(this.window, SECRET)
  }

  chooseRole() {
    return chooseRole(this.window)
  }

  unlock() {
    return giveSecret(this.window, SECRET)
  }

  /** *Blocca*, then *Cambia utente*: the login page again. */
  async leave() {
    await this.window.click(id('lock'))
    await this.window.click(id('change-user'))
    await this.window.find(id('login-cns'))
  }

  openPatient(options) {
    return Patient.open(this.browser, this.portalAddress, options)
  }

  /** Ends the program without a word and opens it again on the same data. */
  async restart() {
    await this.window.kill()
    await this.openWindow()
  }

  async close() {
    await this.window?.close().catch(() => {})
    await this.browser?.close().catch(() => {})
    await this.region?.stop().catch(() => {})
    this.display?.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
