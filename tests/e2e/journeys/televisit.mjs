// The whole televisit of a specialist: from the login to the receipts, with a patient in an ordinary browser.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PEOPLE } from '../station.mjs'
import { id } from '../window.mjs'

/** Whose televisit it is. */
const PATIENT = 'marottoli-assunta'
/** How long the call lasts at least, seconds. */
const CALL_SECONDS = 22
const REPORT = {
  history:
    'Portatrice di pacemaker bicamerale da tre mesi. Da due settimane lieve affanno per sforzi moderati. Non riferisce sincopi né dolore toracico.',
  allergies: 'Nessuna allergia nota.',
  examination:
    'Vigile e orientata, eupnoica a riposo. Non edemi visibili agli arti inferiori. Pressione 132/78, frequenza 68, riferite dalla paziente.',
  measurement_source: 'Valori riferiti dalla paziente, misurati a domicilio',
  image_caption: 'Sede dell’impianto, come mostrata dalla paziente.',
  diagnosis: 'Portatrice di pacemaker bicamerale in compenso clinico.',
  conclusions: 'Quadro clinico stabile a tre mesi dall’impianto. Prosegue la terapia in atto.',
  next_control: 'Tra sei mesi, in televisita',
  therapy: 'Bisoprololo 2,5 mg, una volta al giorno\nApixaban 5 mg, due volte al giorno',
  suggestions:
    'Misuri pressione e frequenza due volte alla settimana. Si rivolga al pronto soccorso se l’affanno compare a riposo.',
}

/** From nobody at the PC to the agenda of today. */
export async function comeIn(story, station, person = PEOPLE.cardiologist) {
  const { window } = station
  await story.step('accesso', () => window.find(id('login-cns')))
  let page
  await story.step('pagina-di-accesso', async () => {
    await station.arrive(person, {
      onPage: async (shown) => {
        page = await shown.screenshot()
      },
    })
    await window.find(id('create-secret'))
  })
  story.write(`screens/${String(story.number).padStart(2, '0')}-pagina-di-accesso.png`, page)
  await story.step('scelta-del-ruolo', async () => {
    await station.settle()
    await window.find(id('choose-role'))
  })
  await story.step('agenda', async () => {
    await station.chooseRole()
    await window.shows(id('agenda'), /Marottoli/i, 40)
  })
}

/** S1: the televisit. Leaves report, record, roots, receipts and counts. */
export async function televisit(story, station) {
  const { window } = station
  await story.step('verifica-postazione', async () => {
    await window.click(id(`row-${await rowOf(window)}`))
    await window.find(id('televisit-detail'))
    await window.click(id('open-station-check'))
    await window.find(id('station-dialog'))
    await window.find(id('station-outcome'), 60)
    const check = (await window.invoke('station_state')).check
    if (!check?.passed) throw new Error(`the station did not pass: ${JSON.stringify(check)}`)
  })
  await window.click(id('station-close'))

  const patient = await station.openPatient()
  const appointment = await story.step('paziente-in-attesa', async () => {
    const entered = await patient.enterWaitingRoom(PATIENT)
    await window.click(id(`row-${entered}`))
    await window.find(`${id('televisit-detail')}[data-stage="waiting"]`, 30)
    return entered
  })
  await story.step('verifica-identita', async () => {
    await window.click(id('verify-identity'))
    await window.click(id('method-document_shown'))
  })
  await story.step('consenso', async () => {
    await window.click(id('confirm-identity'))
    await window.click(id('record-consent'))
    await window.click(id('consent-service'))
    await window.click(id('consent-image'))
  })
  await story.step('pronta', async () => {
    await window.click(id('confirm-consent'))
    await window.find(`${id('start-televisit')}:not([disabled])`)
  })
  await story.step('anteprima', async () => {
    await window.click(id('start-televisit'))
    await window.find(`${id('confirm-start')}:not([disabled])`)
    // Numbered pictures and a tone, whatever hangs on this PC.
    await window.choose(id('camera'), 'synthetic:pattern')
    await window.choose(id('microphone'), 'synthetic:tone')
    await sleep(1500)
  })
  const began = Date.now()
  await story.step('chiamata', async () => {
    await window.click(id('confirm-start'))
    await window.find(`${id('call')}[data-phase="connected"]`, 45)
    await patient.reaches('connected')
    await window.until(
      async () => Number(await window.property(id('drawn-count'), 'textContent')) > 30,
      30,
      () => 'no pictures are drawn',
    )
  })
  await story.step('chat', async () => {
    await window.write(id('chat-text'), 'Buongiorno signora, mi mostri la sede dell’impianto.')
    await window.click(id('chat-send'))
    await patient.reads('mi mostri la sede dell’impianto')
    await patient.writes('Buongiorno dottoressa, eccola.')
    await window.shows(`${id('chat-line')}[data-mine="false"]`, 'eccola')
  })
  await story.step('microfono-e-camera', async () => {
    for (const control of ['call-microphone', 'call-camera']) {
      await window.click(id(control))
      await window.find(`${id(control)}[aria-pressed="false"]`)
      await window.click(id(control))
      await window.find(`${id(control)}[aria-pressed="true"]`)
    }
  })
  await story.step('immagine', async () => {
    await window.click(id('call-image'))
    await window.until(
      async () => (await window.invoke('call_state')).image_acquired_at,
      15,
      () => 'no picture was acquired',
    )
  })
  await story.step('paziente-in-chiamata', async () => {
    const picture = await patient.page.screenshot()
    story.write(`screens/${String(story.number).padStart(2, '0')}-paziente-in-chiamata-browser.png`, picture)
  })
  await story.step('venti-secondi', async () => {
    await sleep(Math.max(0, CALL_SECONDS * 1000 - (Date.now() - began)))
    await window.until(
      async () => (await window.invoke('call_counters')).seconds >= CALL_SECONDS - 1,
      30,
      () => 'the call is too short',
    )
    const call = await countBothEnds(window, patient)
    story.write('call.json', call)
    judge(call)
  })
  await story.step('esito', async () => {
    await window.click(id('call-end'))
    await window.click(id('outcome-delivered'))
  })
  await story.step('referto', async () => {
    await window.click(id('confirm-outcome'))
    await window.find(id('report'), 30)
    await patient.reaches('ended')
    await window.find(id('report-history'))
  })
  await patient.close()
  await story.step('referto-compilato', () => writeReport(window))
  await story.step('firma', async () => {
    await window.click(id('sign-and-send'))
    await window.find(id('sign-identity'), 30)
    await window.write(id('sign-pin'), station.token?.pin ?? '123456')
  })
  const clicked = Date.now()
  await story.step('ricevute', async () => {
    await window.click(id('confirm-sign'))
    await receiptsUntil(window, appointment, 'on_portal', 60)
    await window.shows(id('chain'), 'Portale', 20)
  })
  const delivered = (await window.invoke('report_delivery', { televisit_id: appointment })).receipts.find(
    ({ step }) => step === 'delivered',
  )
  story.deliveredAfterMs = delivered?.at ? Date.parse(delivered.at) - clicked : null
  await story.step('portale-del-cittadino', async () => {
    const reader = await station.openPatient()
    await takeReport(story, reader)
    await reader.close()
  })
  await story.step('nel-fse', async () => {
    if (!station.region) return
    // Five days pass at the gateway; the region then confirms the FSE, and the station asks it every half minute.
    await station.region.post('advance', { days: 5, seconds: 60 })
    await receiptsUntil(window, appointment, 'in_fse', 75)
  })
  const { receipts } = await window.invoke('report_delivery', { televisit_id: appointment })
  for (const { step, at, id: trace } of receipts) if (at) story.receipt(step, at, trace)
  if (station.token) story.write('trust.pem', readFileSync(station.token.trust))
  else story.write('trust.pem', readFileSync(`${station.folder}/data/identities/authority/trust.pem`))
}

/** The row of the patient of this journey. */
async function rowOf(window) {
  const rows = await window.invoke('agenda_day', { day: today(), search: 'Marottoli' })
  if (rows.rows.length !== 1) throw new Error(`the agenda has ${rows.rows.length} rows of the patient`)
  return rows.rows[0].televisit_id
}

export const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome' }).format(new Date())

export async function writeReport(window, changes = {}) {
  for (const [field, text] of Object.entries({ ...REPORT, ...changes })) {
    if (await window.has(id(`report-${field}`))) await window.write(id(`report-${field}`), text)
  }
  await window.choose(id('report-outcome'), 'stable')
  await window.click(id('link-suitable-yes'))
  await window.click(id('report-darkening-asked'))
  await window.find(`${id('saved')}[data-saving="false"]`)
  await window.find(`${id('sign-and-send')}:not([disabled])`)
}

export async function receiptsUntil(window, appointment, step, seconds) {
  let last
  await window.until(
    async () => {
      last = await window.invoke('report_delivery', { televisit_id: appointment })
      return last.receipts.some((receipt) => receipt.step === step && receipt.at)
    },
    seconds,
    () => `no receipt ${step}, but ${JSON.stringify(last)}`,
  )
}

/** What each end counted of its own call; a picture that stands still or a silent line is a failure. */
async function countBothEnds(window, patient) {
  // What was drawn is asked before what was decoded: the count behind can only grow meanwhile.
  const drawn = Number(await window.property(id('drawn-count'), 'textContent'))
  const here = await window.invoke('call_counters')
  const there = await patient.counters()
  const call = {
    seconds: Math.round(here.seconds * 10) / 10,
    workstation: {
      video: { sent: here.video_sent, received: here.video_received, decoded: here.video_decoded, drawn },
      audio: {
        packets_sent: here.audio_packets_sent,
        packets_received: here.audio_packets_received,
        level_dbfs: Math.round(here.audio_level_dbfs * 100) / 100,
      },
      first_picture_ms: here.first_picture_ms === null ? null : Math.round(here.first_picture_ms),
      chat_received: here.chat_received,
    },
    patient: there,
  }
  return call
}

function judge(call) {
  for (const [end, { video, audio, first_picture_ms, chat_received }] of Object.entries({
    workstation: call.workstation,
    patient: call.patient,
  })) {
    for (const [what, count] of Object.entries(video))
      if (!(count > 60)) throw new Error(`${end}: ${count} pictures ${what}: ${JSON.stringify(call)}`)
    if (!(audio.packets_sent > 300 && audio.packets_received > 300))
      throw new Error(`${end}: too few sounds: ${JSON.stringify(audio)}`)
    if (!(audio.level_dbfs > -60)) throw new Error(`${end}: silence, ${audio.level_dbfs} dBFS`)
    if (first_picture_ms === null || chat_received < 1)
      throw new Error(`${end}: ${JSON.stringify({ first_picture_ms, chat_received })}`)
  }
}

/** The citizen reads the report on the portal and downloads it; the record inside is taken out. */
async function takeReport(story, reader) {
  await reader.page.goto(`${reader.portal}/documenti/${PATIENT}`)
  await reader.page
    .getByRole('link', { name: /Referto di Televisita/i })
    .first()
    .click()
  const picture = await reader.page.screenshot()
  story.write(`screens/${String(story.number).padStart(2, '0')}-portale-del-cittadino-browser.png`, picture)
  const address = await reader.page.locator('a[href$="/referto.pdf"]').getAttribute('href')
  const answer = await fetch(new URL(address, reader.page.url()))
  if (!answer.ok) throw new Error(`the report's PDF: ${answer.status}`)
  story.write('report.pdf', new Uint8Array(await answer.arrayBuffer()))
  const folder = `${story.out}/.attached`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const detached = spawnSync('pdfdetach', ['-saveall', '-o', folder, `${story.out}/report.pdf`], { encoding: 'utf8' })
  if (detached.status !== 0) throw new Error(`pdfdetach: ${detached.stderr}`)
  const files = readdirSync(folder)
  if (files.length !== 1 || files[0] !== 'cda.xml') throw new Error(`attached: ${files.join(', ')}`)
  story.write('cda.xml', readFileSync(`${folder}/cda.xml`))
  rmSync(folder, { recursive: true })
}
