import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import type { MockHost } from '../ipc/mock/host'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))

function phase(host: MockHost, next: NonNullable<MockHost['inside']['call']>['phase']) {
  const { call } = host.inside
  if (!call) throw new Error('no call')
  call.phase = next
  host.emit('call', structuredClone(call))
}

async function openCall(scene = 'call') {
  const host = await openWindow(scene)
  await press('row-action-tv-marottoli')
  await screen.findByTestId('call')
  await screen.findByTestId('quality')
  return host
}

test('the link is a word, and the controls say what is off', async () => {
  await openCall()
  expect(screen.getByTestId('quality').textContent).toContain('Collegamento buono')
  await press('call-microphone')
  await waitFor(() => expect(screen.getByTestId('call-microphone').getAttribute('aria-pressed')).toBe('false'))
  expect(screen.getByTestId('call-microphone').title).toBe('Microfono spento')
})

test('an interruption offers the telephone from 30 s, asks the outcome from 90 s, and resumes without a click', async () => {
  const host = await openCall()
  const since = new Date(Date.now() - 10_000).toISOString()
  phase(host, { phase: 'interrupted', since, offer_phone: false, ask_outcome: false })
  expect((await screen.findByTestId('interrupted')).textContent).toContain(
    'Audio, immagine e chat non partono. La bozza è salvata.',
  )
  expect(screen.queryByTestId('offer-phone')).toBeNull()
  expect((screen.getByTestId('chat-text') as HTMLInputElement).disabled).toBe(true)
  phase(host, { phase: 'interrupted', since, offer_phone: true, ask_outcome: false })
  await press('offer-phone')
  expect((await screen.findAllByTestId('phone-number'))[0]?.textContent).toBe('081 5550 1432')
  await press('dialog-close')
  phase(host, { phase: 'interrupted', since, offer_phone: true, ask_outcome: true })
  await screen.findByTestId('outcome-dialog')
  phase(host, { phase: 'connected' })
  await screen.findByTestId('resumed')
  expect(screen.queryByTestId('outcome-dialog'), 'the question goes away with the interruption').toBeNull()
  expect(screen.queryByTestId('interrupted')).toBeNull()
})

test('ending asks the outcome and goes to the report', async () => {
  const host = await openCall()
  await press('call-end')
  await press('outcome-delivered')
  await press('confirm-outcome')
  await screen.findByTestId('report')
  expect(host.inside.calls).toContain('call_hang_up')
  expect(host.inside.visits.find(({ view }) => view.id === 'tv-marottoli')?.view.outcome).toEqual({ kind: 'delivered' })
})

test('not held wants a reason, and leads to no report', async () => {
  await openCall()
  await press('call-end')
  await press('outcome-not_delivered')
  expect((screen.getByTestId('confirm-outcome') as HTMLButtonElement).disabled).toBe(true)
  fireEvent.change(screen.getByTestId('reason'), { target: { value: 'technical' } })
  await press('confirm-outcome')
  await screen.findByTestId('not-held')
})

test('a picture without consent is refused in words, and the call goes on', async () => {
  const host = await openCall()
  host.failNext('call_capture_image', { code: 'image_consent_missing', detail: 'call/consent' })
  await press('call-image')
  expect((await screen.findByTestId('failure-image_consent_missing')).textContent).toContain(
    'Nessuna immagine è stata acquisita.',
  )
})

test('the call stays in view on every place, and comes back large', async () => {
  await openCall()
  await press('place-queue')
  await screen.findByTestId('compact-call')
  await press('enlarge-call')
  await screen.findByTestId('call')
  expect(screen.queryByTestId('compact-call')).toBeNull()
})

test('chat is sent once, and the field is emptied only after the answer', async () => {
  const host = await openCall()
  fireEvent.change(screen.getByTestId('chat-text'), { target: { value: 'Mi sente?' } })
  host.delay = 30
  await press('chat-send')
  expect((screen.getByTestId('chat-text') as HTMLInputElement).value).toBe('Mi sente?')
  await waitFor(() => expect((screen.getByTestId('chat-text') as HTMLInputElement).value).toBe(''))
  expect(host.inside.calls.filter((name) => name === 'call_chat')).toHaveLength(1)
})
