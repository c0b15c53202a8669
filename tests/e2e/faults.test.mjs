// What goes wrong on a working day, in the real window: wrong PIN, a gateway that cannot serve, the region gone at the
// signature, a program that ends after it, a lock without network. Each says so in Italian, and nothing is lost or sent twice.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { receiptsUntil, today, writeReport } from './journeys/televisit.mjs'
import { PEOPLE, Station } from './station.mjs'
import { id } from './window.mjs'

let station
let appointment

/** From the waiting room to a report that is ready to be signed. */
async function hold(person, { restartInCall = false } = {}) {
  const patient = await station.openPatient()
  const visit = await patient.enterWaitingRoom(person)
  await toToday()
  await station.window.click(id(`row-${visit}`), 30)
  await station.window.find(`${id('televisit-detail')}[data-stage="waiting"]`, 30)
  for (const press of [
    'verify-identity',
    'method-document_shown',
    'confirm-identity',
    'record-consent',
    'consent-service',
    'confirm-consent',
  ]) {
    await station.window.click(id(press))
  }
  await begin('start-televisit')
  if (restartInCall) {
    await station.restart()
    await comeBack()
    await toToday()
    await station.window.click(id(`row-${visit}`), 30)
    await station.window.find(id('resume-call'), 30)
    assert.equal(
      (await station.window.invoke('televisit_open', { televisit_id: visit })).stage,
      'in_call',
      'the visit was forgotten',
    )
    await begin('resume-call')
  }
  await station.window.click(id('call-end'))
  await station.window.click(id('outcome-delivered'))
  await station.window.click(id('confirm-outcome'))
  await station.window.find(id('report-history'), 30)
  await patient.close()
  await writeReport(station.window)
  return visit
}

async function begin(press) {
  const { window } = station
  await window.click(id(press))
  await window.until(
    async () =>
      (await window.has(`${id('confirm-start')}:not([disabled])`)) ||
      (await window.has(`${id('call')}[data-phase="connected"]`)),
    30,
    () => 'no call begins',
  )
  if (await window.has(id('confirm-start'))) {
    await window.choose(id('camera'), 'synthetic:pattern')
    await window.choose(id('microphone'), 'synthetic:tone')
    await window.click(id('confirm-start'))
  }
  await window.find(`${id('call')}[data-phase="connected"]`, 45)
}

const toToday = () => station.window.click(id('place-today'))

async function comeBack() {
  const { window } = station
  await window.find('[data-testid^="login-"]')
  await station.enter(PEOPLE.cardiologist)
}

async function sign(pin) {
  const { window } = station
  await window.click(id('sign-and-send'))
  await window.find(id('sign-identity'), 30)
  await window.write(id('sign-pin'), pin)
  await window.click(id('confirm-sign'))
}

/** The reports that the region has of a person's visit of today: one, whatever happened on the way. */
async function reportsAtTheRegion(visit) {
  const store = await station.region.as(PEOPLE.cardiologist.practitioner)
  const found = await store.search(`DocumentReference?related=Appointment/${visit}`)
  return found.filter(({ type }) => type.coding.some(({ code }) => code === '75496-0'))
}

before(async () => {
  station = await Station.open()
  await station.enter(PEOPLE.cardiologist)
})

after(() => station?.close())

test('a wrong PIN is said, nothing is signed, and the report stays', async () => {
  appointment = await hold('marottoli-assunta')
  const { window } = station
  await sign('00000')
  await window.find(
    `${id('failure-wrong_pin')}, ${id('failure-wrong_pin_few_left')}, ${id('failure-wrong_pin_last_try')}`,
  )
  assert.equal(await window.property(id('sign-pin'), 'value'), '', 'a wrong PIN stays in its field')
  const delivery = await window.invoke('report_delivery', { televisit_id: appointment })
  assert.ok(
    delivery.receipts.every(({ step, at }) => step === 'validated' || at === null),
    JSON.stringify(delivery),
  )
  await window.click(`${id('sign-dialog')} ${id('dialog-close')}`)
  await window.find(id('sign-and-send'))
})

test('a gateway that cannot validate does not stop the signature: the report is queued and leaves by itself', async () => {
  const { window, region } = station
  await region.fault({ path: '/gateway/v1/documents', status: 503, retry_after: 1 })
  await sign(station.token.pin)
  await window.find(id('queue-detail'), 30)
  assert.equal((await reportsAtTheRegion(appointment)).length, 0)
  await region.clearFaults()
  await receiptsUntil(window, appointment, 'on_portal', 90)
  assert.equal((await reportsAtTheRegion(appointment)).length, 1)
})

test('signed while the region is away, ended at once, opened again: one report reaches the region', async () => {
  const { region } = station
  const visit = await hold('torrigiani-elio')
  await region.stop()
  await station.window.shows(id('link-state'), 'Senza rete', 30)
  await sign(station.token.pin)
  await station.window.find(id('queue-detail'), 30)
  await station.restart()
  await region.start()
  await comeBack()
  await receiptsUntil(station.window, visit, 'on_portal', 90)
  await sleep(3000)
  const found = await reportsAtTheRegion(visit)
  assert.equal(found.length, 1, JSON.stringify(found))
})

test('lock and unlock without the region; what is not readable behind the lock is not in the page', async () => {
  const { window, region } = station
  await region.stop()
  await window.shows(id('link-state'), 'Senza rete', 30)
  await toToday()
  await window.shows(id('agenda'), /Marottoli/i)
  await window.click(id('lock'))
  await window.find(id('lock-screen'))
  assert.doesNotMatch(await window.execute('return document.documentElement.outerHTML'), /Marottoli|MRTSNT55C52X000I/i)
  await station.unlock()
  await toToday()
  await window.shows(id('agenda'), /Marottoli/i, 30)
  const { rows } = await window.invoke('agenda_day', { day: today(), search: '' })
  assert.ok(rows.length > 5, 'the day is readable without the region')
  await region.start()
  await window.shows(id('link-state'), 'In linea', 40)
})

test('a program that ends during a call finds the visit again, and the call goes on', async () => {
  await hold('fiorentano-mirella', { restartInCall: true })
})
