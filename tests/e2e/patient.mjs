// The patient: an ordinary Chromium on the citizen's pages, whose camera is a film with numbered pictures and whose
// microphone is a tone. What this end sent, received and drew is counted here, from the browser's own figures and pixels.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const maker = fileURLToPath(new URL('../../target/debug/examples/stamped_y4m', import.meta.url))

/** The film and the tone, made once in a folder. */
export function makeFilm(dir) {
  const film = `${dir}/stamped.y4m`
  const tone = `${dir}/tone.wav`
  if (!existsSync(film) || !existsSync(tone)) {
    const made = spawnSync(maker, ['--out', film, '--size', '640x360', '--seconds', '20', '--wav', tone], {
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`the film was not made: ${made.stderr || made.error?.message}`)
  }
  return { film, tone }
}

/** The browser of the patient, which is also the system browser of the clinician's login. */
export function openBrowser({ film, tone } = {}) {
  const fake = film ? [`--use-file-for-fake-video-capture=${film}`, `--use-file-for-fake-audio-capture=${tone}`] : []
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      ...fake,
      '--allow-loopback-in-peer-connection',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
    ],
  })
}

export class Patient {
  constructor(page, portal) {
    this.page = page
    this.portal = portal
  }

  static async open(browser, portal, { viewport = { width: 1366, height: 768 } } = {}) {
    const context = await browser.newContext({
      viewport,
      locale: 'it-IT',
      timezoneId: 'Europe/Rome',
      permissions: ['camera', 'microphone'],
    })
    await context.addInitScript(counting)
    return new Patient(await context.newPage(), portal)
  }

  /** Opens the person's own page and from there the televisit, as the citizen does. */
  async enterWaitingRoom(person) {
    await this.page.goto(`${this.portal}/${person}`)
    const address = await this.page.locator('a[href*="/portale/televisita/"]').first().getAttribute('href')
    await this.page.goto(new URL(address, this.portal).href)
    await this.page.waitForFunction(() => document.getElementById('check-link')?.dataset.state === 'good', undefined, {
      timeout: 30_000,
    })
    return new URL(address, this.portal).pathname.split('/').pop()
  }

  reaches(state, seconds = 30) {
    return this.page.waitForFunction((wanted) => document.body.dataset.state === wanted, state, {
      timeout: seconds * 1000,
    })
  }

  async openChat() {
    if (!(await this.page.locator('#chat-input').isVisible())) await this.page.click('#button-chat')
  }

  async writes(text) {
    await this.openChat()
    await this.page.fill('#chat-input', text)
    await this.page.click('#chat-send')
  }

  async reads(text) {
    await this.openChat()
    await this.page.locator('.message.theirs', { hasText: text }).waitFor({ timeout: 20_000 })
  }

  /** What this end counted so far. */
  counters() {
    return this.page.evaluate(() => window.counted())
  }

  screenshot(file) {
    return this.page.screenshot({ path: file })
  }

  close() {
    return this.page.context().close()
  }
}

/** Runs in the page before its own scripts: keeps the peer connections and reads back the number of each drawn picture. */
function counting() {
  const connections = []
  const Real = window.RTCPeerConnection
  window.RTCPeerConnection = new Proxy(Real, {
    construct(target, given) {
      const made = new target(...given)
      connections.push(made)
      return made
    },
  })
  const seen = { drawn: 0, last: null, admittedAt: null, firstPicture: null, connectedAt: null }
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  // The geometry of the number is written in media::stamp.
  const read = (video) => {
    const side = Math.floor((video.videoHeight * 2) / 45)
    if (side === 0) return null
    canvas.width = side * 8
    canvas.height = side * 5
    context.drawImage(video, 0, 0, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height)
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
    const inner = Math.max(1, Math.floor(side / 2))
    const from = Math.floor(side / 4)
    const rows = []
    for (let row = 0; row < 5; row += 1) {
      let bits = 0
      for (let column = 0; column < 8; column += 1) {
        let sum = 0
        for (let y = 0; y < inner; y += 1)
          for (let x = 0; x < inner; x += 1) {
            const at = ((row * side + from + y) * canvas.width + column * side + from + x) * 4
            sum += data[at] + data[at + 1] + data[at + 2]
          }
        bits = (bits << 1) | (sum / (inner * inner * 3) > 127 ? 1 : 0)
      }
      rows.push(bits)
    }
    const [a, b, c, d, check] = rows
    return check === (a ^ b ^ c ^ d ^ 0xa5) ? ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 : null
  }
  addEventListener('DOMContentLoaded', () => {
    const video = document.getElementById('remote-video')
    if (!video) return
    const state = () => {
      const now = document.body.dataset.state
      if (now === 'calling') seen.admittedAt ??= performance.now()
      if (now === 'connected') seen.connectedAt ??= performance.now()
    }
    new MutationObserver(state).observe(document.body, { attributes: true, attributeFilter: ['data-state'] })
    const next = () => {
      state()
      seen.firstPicture ??= performance.now()
      const number = read(video)
      if (number !== null && number !== seen.last) {
        seen.last = number
        seen.drawn += 1
      }
      video.requestVideoFrameCallback(next)
    }
    video.requestVideoFrameCallback(next)
  })
  const level = async () => {
    const stream = document.getElementById('remote-video')?.srcObject
    if (!stream?.getAudioTracks().length) return null
    const audio = new AudioContext()
    await audio.resume()
    const analyser = audio.createAnalyser()
    analyser.fftSize = 4096
    audio.createMediaStreamSource(stream).connect(analyser)
    // The loudest tenth of a second: a tone may come and go.
    const samples = new Float32Array(4096)
    let loudest = 0
    for (const end = performance.now() + 2500; performance.now() < end; ) {
      await new Promise((again) => setTimeout(again, 80))
      analyser.getFloatTimeDomainData(samples)
      loudest = Math.max(loudest, samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)
    }
    await audio.close()
    return loudest > 0 ? Math.round(100 * 10 * Math.log10(loudest)) / 100 : null
  }
  window.counted = async () => {
    const total = { sent: 0, received: 0, decoded: 0, packets_sent: 0, packets_received: 0 }
    for (const connection of connections) {
      for (const entry of (await connection.getStats()).values()) {
        if (entry.type === 'outbound-rtp' && entry.kind === 'video') total.sent += entry.framesSent ?? 0
        if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
          total.received += entry.framesReceived ?? 0
          total.decoded += entry.framesDecoded ?? 0
        }
        if (entry.type === 'outbound-rtp' && entry.kind === 'audio') total.packets_sent += entry.packetsSent ?? 0
        if (entry.type === 'inbound-rtp' && entry.kind === 'audio') total.packets_received += entry.packetsReceived ?? 0
      }
    }
    const began = seen.admittedAt ?? seen.connectedAt
    return {
      video: { sent: total.sent, received: total.received, decoded: total.decoded, drawn: seen.drawn },
      audio: { packets_sent: total.packets_sent, packets_received: total.packets_received, level_dbfs: await level() },
      first_picture_ms:
        began === null || seen.firstPicture === null ? null : Math.max(0, Math.round(seen.firstPicture - began)),
      chat_received: document.querySelectorAll('.message.theirs').length,
    }
  }
}
