// A televisit between two real browsers: the citizen's page as it is served, and a clinician's end that speaks the
// contract (clinician.js). Sound and picture must flow both ways, and survive leaving, restarting and the region's end.
// With CITIZEN_SCREENS=folder every state of the page is also pictured, on a desktop and on a phone.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { clinicianDoor, fhir, logIn, startRegion } from './region.mjs'

const PATIENT = 'marottoli-assunta'
const DOCTOR = 'valmori-irene'
const DESKTOP = { width: 1366, height: 768 }
const PHONE = { width: 390, height: 844 }
const screens = process.env.CITIZEN_SCREENS

let region
let browser
let token
let store
let appointment
let invitation
let door

before(async () => {
  region = await startRegion()
  browser = await launch(['--use-fake-ui-for-media-stream'])
  token = await logIn(region.base, DOCTOR)
  door = await clinicianDoor(region.base, token)
  store = fhir(region.base, token)
  const portal = await (await fetch(`${region.base}/portale/${PATIENT}`)).text()
  invitation = /\/portale\/televisita\/([^"?]+)\?t=[0-9a-f]+/.exec(portal)
  appointment = invitation[1]
  if (screens) await mkdir(screens, { recursive: true })
})

after(async () => {
  await browser?.close()
  door?.close()
  await region?.stop()
})

function launch(more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--allow-loopback-in-peer-connection',
      '--disable-background-networking',
      '--disable-component-update',
      ...more,
    ],
  })
}

async function openPatient(path = invitation[0], viewport = DESKTOP) {
  const context = await browser.newContext({
    viewport,
    locale: 'it-IT',
    timezoneId: 'Europe/Rome',
    permissions: ['camera', 'microphone'],
  })
  const page = await context.newPage()
  page.troubles = []
  page.on('pageerror', (error) => page.troubles.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') page.troubles.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(region.base) && !request.url().startsWith('data:'))
      page.troubles.push(`foreign origin: ${request.url()}`)
  })
  await page.goto(region.base + path)
  return page
}

async function openClinician() {
  const page = await (await browser.newContext({ permissions: ['camera', 'microphone'] })).newPage()
  await page.goto(`${door.address}/?appointment=${appointment}`)
  await page.waitForFunction(() => window.ready)
  await page.evaluate(() => window.end.open())
  return page
}

const reaches = (page, state) =>
  page.waitForFunction((wanted) => document.body.dataset.state === wanted, state, { timeout: 20_000 })
const say = (clinician, message) => clinician.evaluate((words) => window.end.say(words), message)

async function picture(page, name) {
  if (!screens) return
  for (const [kind, viewport] of [
    ['desktop', DESKTOP],
    ['phone', PHONE],
  ]) {
    await page.setViewportSize(viewport)
    // A still page: what is being laid out is not what is looked at.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await page.screenshot({ path: join(screens, `${name}-${kind}.png`) })
  }
  await page.setViewportSize(DESKTOP)
}

async function noSidewaysScrolling(page) {
  for (const viewport of [PHONE, DESKTOP]) {
    await page.setViewportSize(viewport)
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    assert.ok(over <= 0, `${page.url()} is ${over} px too wide at ${viewport.width}`)
  }
}

/** Both ends count their own pictures and sounds, and both counts must grow. */
async function flowsBothWays(patient, clinician) {
  const earlier = await clinician.evaluate(() => window.end.totals())
  const drawn = await drawnPictures(patient, 30)
  await clinician.waitForFunction(
    async (before) => {
      const now = await window.end.totals()
      return (
        now.framesDecoded > before.framesDecoded + 20 &&
        now.framesSent > before.framesSent + 20 &&
        now.audioIn > before.audioIn + 20 &&
        now.audioOut > before.audioOut + 20 &&
        now.audioEnergy > before.audioEnergy
      )
    },
    earlier,
    { timeout: 15_000 },
  )
  assert.ok(drawn.count >= 30, 'the patient sees moving pictures')
  assert.deepEqual([drawn.width, drawn.height], [640, 360])
  assert.equal((await clinician.evaluate(() => window.end.totals())).codec, 'video/VP8')
}

function drawnPictures(page, wanted) {
  return page.evaluate(
    (count) =>
      new Promise((resolve) => {
        const video = document.getElementById('remote-video')
        let seen = 0
        const next = () => {
          seen += 1
          if (seen >= count) resolve({ count: seen, width: video.videoWidth, height: video.videoHeight })
          else video.requestVideoFrameCallback(next)
        }
        video.requestVideoFrameCallback(next)
      }),
    wanted,
  )
}

/** The loudest sound of the other end within three seconds, from the page's own video element. */
function loudest(page) {
  return page.evaluate(async () => {
    const context = new AudioContext()
    const source = context.createMediaStreamSource(document.getElementById('remote-video').srcObject)
    const analyser = context.createAnalyser()
    source.connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    let peak = 0
    const end = performance.now() + 3_000
    while (performance.now() < end && peak < 0.01) {
      analyser.getFloatTimeDomainData(samples)
      peak = Math.max(peak, ...samples.map(Math.abs))
      await new Promise((again) => setTimeout(again, 20))
    }
    await context.close()
    return peak
  })
}

test('the eligibility test tries everything and its outcome reaches the agenda', async () => {
  const page = await openPatient(`/portale/prova/${appointment}`)
  await picture(page, 'test-before')
  await page.click('#button-start')
  await page.waitForFunction(() => document.getElementById('step-microphone').dataset.state === 'working', undefined, {
    timeout: 15_000,
  })
  await picture(page, 'test-during')
  await reaches(page, 'passed')
  await picture(page, 'test-passed')
  const tasks = await store.search(`Task?focus=Appointment/${appointment}&code=eligibility-test&_sort=-_lastUpdated`)
  const newest = tasks[0]
  assert.equal(newest.status, 'completed')
  const words = Object.fromEntries(newest.output.map((o) => [o.type.coding[0].code, o.valueString]))
  assert.match(words.camera, /640 per 360/)
  assert.match(words.network, /risposta in \d+ ms/)
  assert.ok(words.microphone.startsWith('Funziona'))
  await noSidewaysScrolling(page)
  assert.deepEqual(page.troubles, [])
  await page.context().close()
})

test('waiting room, call, chat, leaving, restarting and the end', async (t) => {
  const patient = await openPatient()
  await patient.waitForFunction(() => document.getElementById('check-link').dataset.state === 'good')
  await t.test('the agenda shows who waits, and the notice of delay arrives', async () => {
    const waiting = await store.read(`Appointment/${appointment}`)
    assert.equal(waiting.status, 'arrived')
    assert.ok(waiting.extension.some(({ url, valueDateTime }) => url.endsWith('/waiting-since') && valueDateTime))
    await store.create({
      resourceType: 'Communication',
      status: 'completed',
      identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${crypto.randomUUID()}` }],
      category: [{ coding: [{ code: 'delay' }] }],
      subject: { reference: `Patient/${PATIENT}` },
      about: [{ reference: `Appointment/${appointment}` }],
      payload: [{ contentString: '15' }],
    })
    await patient.getByText('è in ritardo di circa 15 minuti').waitFor()
    await noSidewaysScrolling(patient)
    await patient.setViewportSize(DESKTOP)
  })
  const clinician = await openClinician()
  await patient.getByText('è in linea').waitFor()
  await picture(patient, 'waiting')

  await t.test('sound and picture both ways, VP8, chat with receipts, mute states', async () => {
    await say(clinician, { type: 'admit' })
    await reaches(patient, 'connected')
    await flowsBothWays(patient, clinician)
    assert.ok((await loudest(patient)) > 0.005, 'the patient hears the doctor')
    await picture(patient, 'connected')
    await patient.click('#button-chat')
    await patient.fill('#chat-input', 'Le ho preparato la lista delle medicine.')
    await patient.click('#chat-send')
    await patient.locator('.message.mine .message-note', { hasText: 'Ricevuto' }).waitFor()
    await clinician.evaluate(() =>
      window.end.tell({ type: 'chat', id: 'd1', at: new Date().toISOString(), text: 'Grazie, le vedo bene.' }),
    )
    await patient.locator('.message.theirs', { hasText: 'Grazie, le vedo bene.' }).waitFor()
    await clinician.waitForFunction(() => window.end.chat.some(({ type, id }) => type === 'received' && id === 'd1'))
    await picture(patient, 'chat')
    await patient.click('#button-chat-close')
    await patient.click('#button-microphone')
    await clinician.waitForFunction(() =>
      window.end.chat.some(({ type, audio, video }) => type === 'state' && audio === false && video === true),
    )
    await patient.click('#button-camera')
    await clinician.evaluate(() => {
      window.end.tell({ type: 'state', audio: false, video: true })
      window.end.tell({ type: 'image', at: new Date().toISOString() })
    })
    await patient.getByText("ha acquisito un'immagine").waitFor()
    await picture(patient, 'muted')
    await patient.click('#button-microphone')
    await patient.click('#button-camera')
  })

  await t.test('a restart from either end brings the call back', async () => {
    for (const reason of ['ice', 'dtls']) {
      const offers = await clinician.evaluate(() => window.end.offers)
      await clinician.evaluate((why) => {
        window.end.drop()
        window.end.say({ type: 'restart', reason: why })
      }, reason)
      await clinician.waitForFunction(
        (before) => window.end.offers > before && window.end.connection?.connectionState === 'connected',
        offers,
      )
      await reaches(patient, 'connected')
      await flowsBothWays(patient, clinician)
    }
  })

  await t.test("a doctor's end that dies is noticed, nothing is sent, and the call resumes by itself", async () => {
    await clinician.evaluate(() => window.end.drop())
    await reaches(patient, 'interrupted')
    assert.equal(
      await patient.evaluate(() =>
        document
          .getElementById('self-video')
          .srcObject.getTracks()
          .some((track) => track.enabled),
      ),
      false,
    )
    assert.equal(await patient.isDisabled('#chat-send'), true)
    await picture(patient, 'interrupted')
    await reaches(patient, 'connected')
    await flowsBothWays(patient, clinician)
  })

  await t.test("a reloaded page is admitted again without the doctor's doing", async () => {
    await patient.reload()
    await reaches(patient, 'connected')
    await flowsBothWays(patient, clinician)
  })

  await t.test('leaving and coming back', async () => {
    await patient.click('#button-leave')
    await reaches(patient, 'ended')
    await picture(patient, 'left')
    await clinician.waitForFunction(() =>
      window.end.heard.some(({ type, role, state }) => type === 'peer' && role === 'patient' && state === 'left'),
    )
    await until(async () => (await store.read(`Appointment/${appointment}`)).status === 'booked')
    await patient.click('#button-again')
    await reaches(patient, 'connected')
    await flowsBothWays(patient, clinician)
  })

  await t.test('the region goes and comes back, and the call goes on meanwhile', async () => {
    const { folder, base } = region
    await region.stop({ keep: true })
    assert.equal((await drawnPictures(patient, 30)).count, 30, 'sound and picture do not pass through the region')
    region = await startRegion(folder)
    assert.equal(region.base, base, 'the folder remembers the port')
    await until(async () => (await store.read(`Appointment/${appointment}`)).status === 'arrived')
    assert.equal((await drawnPictures(patient, 30)).count, 30, 'the page is back before the doctor, and keeps the call')
    await clinician.evaluate(() => window.end.open())
    await say(clinician, { type: 'admit' })
    await clinician.waitForFunction(() => window.end.connection?.connectionState === 'connected')
    await reaches(patient, 'connected')
    await flowsBothWays(patient, clinician)
    // The browser reports each attempt to reach a region that is not there.
    patient.troubles = patient.troubles.filter((words) => !/ERR_CONNECTION_REFUSED|WebSocket connection/.test(words))
  })

  await t.test('a second window takes the place, the first says so', async () => {
    const second = await patient.context().newPage()
    await second.goto(region.base + invitation[0])
    await reaches(second, 'connected')
    await reaches(patient, 'ended')
    assert.match(await patient.innerText('#end-title'), /aperta in un'altra finestra/)
    await picture(patient, 'busy')
    await second.close()
    await patient.click('#button-again')
    await reaches(patient, 'connected')
  })

  await t.test('the end, with its reason in words', async () => {
    await say(clinician, { type: 'bye', reason: 'ended' })
    await reaches(patient, 'ended')
    assert.equal(await patient.innerText('#end-title'), 'La televisita è terminata')
    await picture(patient, 'ended')
    await patient.reload()
    await reaches(patient, 'ended')
    assert.equal(
      await patient.innerText('#end-title'),
      'La televisita è terminata',
      'also for who was away when it ended',
    )
  })
  assert.deepEqual(patient.troubles, [])
  await patient.context().close()
  await clinician.context().close()
})

async function until(condition) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await condition()) return
    await new Promise((again) => setTimeout(again, 100))
  }
  assert.fail(`never: ${condition}`)
}

test('without permission the page says what to do, and what was kept', async () => {
  const strict = await launch(['--deny-permission-prompts'])
  try {
    const page = await (await strict.newContext({ viewport: DESKTOP, locale: 'it-IT' })).newPage()
    await page.goto(region.base + invitation[0])
    await page.locator('#trouble[data-reason=denied]').waitFor()
    assert.match(await page.innerText('#trouble'), /non ha il permesso[\s\S]*Riprova[\s\S]*resta valido/)
    await picture(page, 'denied')
  } finally {
    await strict.close()
  }
})

test('a wrong invitation enters no room', async () => {
  const page = await openPatient(`/portale/televisita/${appointment}?t=0000`)
  await reaches(page, 'ended')
  assert.equal(await page.innerText('#end-title'), 'Questo invito non è valido')
  await picture(page, 'token')
  await page.context().close()
})

test('a caregiver is present in words', async () => {
  const page = await openPatient(`/portale/televisita/${appointment}?t=0000&caregiver=1`)
  await page.getByText('Questo invito non è valido').waitFor()
  await noSidewaysScrolling(page)
  await picture(page, 'caregiver')
  await page.context().close()
})

test('the other pages stand on a phone and on a desktop, and load nothing from elsewhere', async () => {
  const list = await (await fetch(`${region.base}/portale/documenti/${PATIENT}`)).text()
  const report = /\/portale\/documenti\/[^"]+\/[^"]+/.exec(list)[0]
  for (const [name, path] of [
    ['report', report],
    ['entry', '/portale/'],
    ['home', `/portale/${PATIENT}`],
    ['documents', `/portale/documenti/${PATIENT}`],
    ['missing', '/portale/nessuno-di-noi'],
  ]) {
    const page = await openPatient(path)
    await noSidewaysScrolling(page)
    assert.match(await page.innerText('.training'), /Persone, visite e documenti sono inventati/)
    await picture(page, name)
    if (name !== 'missing') assert.deepEqual(page.troubles, [])
    await page.context().close()
  }
})
