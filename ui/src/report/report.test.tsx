import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))
const field = async (id: string) => (await screen.findByTestId(id)) as HTMLInputElement
const type = async (id: string, value: string) => fireEvent.change(await field(id), { target: { value } })

async function openReport(scene = 'sign') {
  const host = await openWindow(scene)
  await press('row-action-tv-marottoli')
  if (scene === 'report') await press('call-to-report')
  await screen.findByTestId('report')
  return host
}

/** The dialog looks at the reader every few seconds. */
const SOON = { timeout: 30_000 }

const saved = (host: Awaited<ReturnType<typeof openReport>>) => host.inside.reports.get('tv-marottoli')

test('what is typed is saved soon after the last keystroke, in one save', async () => {
  const host = await openReport()
  await type('report-history', 'Impianto')
  await type('report-history', 'Impianto il 14 agosto.')
  expect(saved(host)?.form.history).not.toBe('Impianto il 14 agosto.')
  await waitFor(() => expect(saved(host)?.form.history).toBe('Impianto il 14 agosto.'), { timeout: 20_000 })
  expect(host.inside.calls.filter((name) => name === 'report_save')).toHaveLength(1)
})

test('leaving a field saves at once, and leaving the screen loses nothing', async () => {
  const host = await openReport()
  await type('report-diagnosis', 'Portatore di pacemaker')
  fireEvent.blur(await field('report-diagnosis'))
  await new Promise((turn) => setTimeout(turn))
  expect(host.inside.calls, 'asked in the same turn, without the pause').toContain('report_save')
  await waitFor(() => expect(saved(host)?.form.diagnosis).toBe('Portatore di pacemaker'))
  await type('report-conclusions', 'Stabile.')
  await press('place-queue')
  await waitFor(() => expect(saved(host)?.form.conclusions).toBe('Stabile.'))
})

test('locking saves what is being typed before the screen is covered', async () => {
  const host = await openReport()
  await type('report-conclusions', 'Scritto un attimo prima.')
  await press('lock')
  await screen.findByTestId('lock-screen')
  expect(saved(host)?.form.conclusions).toBe('Scritto un attimo prima.')
  expect(host.inside.calls.indexOf('report_save')).toBeLessThan(host.inside.calls.indexOf('session_lock'))
})

test('it says saved only after the answer, and not saved when it was not', async () => {
  const host = await openReport()
  host.failNext('report_save', { code: 'disk_full', detail: 'cache/full' })
  await type('report-conclusions', 'Nuovo testo')
  await screen.findByTestId('failure-disk_full')
  expect(screen.getByTestId('saved').textContent).toBe('Non salvato')
  expect((await field('report-conclusions')).value, 'the text stays on screen').toBe('Nuovo testo')
  fireEvent.click(screen.getByText('Riprova'))
  await waitFor(() => expect(screen.getByTestId('saved').textContent).toMatch(/^Salvato \d\d:\d\d$/))
})

test('findings stand beside their fields, block the signature, and a section leads to them', async () => {
  await openReport('report')
  expect((await screen.findByTestId('finding-missing_outcome')).textContent).toContain('Manca l’esito.')
  expect((screen.getByTestId('sign-and-send') as HTMLButtonElement).disabled).toBe(true)
  await press('section-outcomeAndPlan')
  expect(document.activeElement).toBe(screen.getByTestId('report-outcome'))
})

test('the facts of the visit are there and cannot be typed', async () => {
  await openReport()
  expect(screen.getByTestId('visit-facts').textContent).toBe('Dalle 10:07 alle 10:25. Paziente. Collegamento buono.')
  expect(screen.getByTestId('visit-facts').querySelector('input, textarea')).toBeNull()
})

test('a wrong PIN is never tried again by itself, and the words follow the device', async () => {
  const host = await openReport()
  await press('sign-and-send')
  await type('sign-pin', '00000')
  await press('confirm-sign')
  expect((await screen.findByTestId('failure-wrong_pin_few_left')).textContent).toContain(
    'I tentativi rimasti sono pochi; il referto è salvato.',
  )
  expect((await field('sign-pin')).value).toBe('')
  await waitFor(() => expect(screen.getByTestId('sign-identity').dataset.pin).toBe('few_left'))
  expect(host.inside.calls.filter((name) => name === 'report_sign_and_send')).toHaveLength(1)
})

test('a card taken out takes its typed PIN with it, and is found again by itself', async () => {
  const host = await openReport()
  await press('sign-and-send')
  await type('sign-pin', '123')
  host.inside.reader = 'empty'
  await waitFor(() => expect(screen.getByTestId('sign-identity').textContent).toContain('File di firma'), SOON)
  expect((await field('sign-pin')).value).toBe('')
  host.inside.reader = 'card'
  await waitFor(() => expect(screen.getByTestId('sign-identity').textContent).toContain('Carta operatore'), SOON)
  expect(host.inside.calls).not.toContain('report_sign_and_send')
}, 60_000)

test('a reader with keys of its own gets no PIN from the window', async () => {
  const host = await openReport()
  host.inside.reader = 'pin_pad'
  await press('sign-and-send')
  expect((await screen.findByTestId('sign-on-device')).textContent).toContain('tastiera del lettore')
  expect(screen.queryByTestId('sign-pin')).toBeNull()
  await press('confirm-sign')
  await waitFor(() => expect(host.inside.calls).toContain('report_sign_and_send'), SOON)
  await waitFor(() => expect(screen.queryByTestId('sign-dialog')).toBeNull(), SOON)
}, 60_000)

test('a double click signs once and shows the receipts', async () => {
  const host = await openReport()
  host.delay = 20
  await press('sign-and-send')
  await type('sign-pin', '12345')
  const confirm = screen.getByTestId('confirm-sign')
  fireEvent.click(confirm)
  fireEvent.click(confirm)
  await screen.findByTestId('chain')
  expect(host.inside.calls.filter((name) => name === 'report_sign_and_send')).toHaveLength(1)
  expect(
    ['validated', 'signed', 'delivered', 'on_portal'].map(
      (step) => screen.getByTestId(`receipt-${step}`).dataset.state,
    ),
  ).toEqual(['done', 'done', 'done', 'done'])
  expect(screen.getByTestId('receipt-in_fse').dataset.state, 'the region has not confirmed it').not.toBe('done')
})

test('a refusal of the region closes the dialog and leads to the field', async () => {
  const host = await openReport()
  await press('sign-and-send')
  host.failNext('report_sign_and_send', { code: 'report_refused', detail: 'gateway/semantic', field: 'conclusions' })
  await type('sign-pin', '12345')
  await press('confirm-sign')
  await waitFor(() => expect(screen.queryByTestId('sign-dialog')).toBeNull())
  await waitFor(() => expect(document.activeElement).toBe(screen.getByTestId('report-conclusions')))
})
