import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))
const type = async (id: string, value: string) => fireEvent.change(await screen.findByTestId(id), { target: { value } })

test('a referral is found, taken, moved on and handed over', async () => {
  await openWindow('cot')
  await press('new-referral')
  await type('referral-search', 'marottoli')
  await press('pick-marottoli')
  await type('referral-origin', 'ward')
  await type('referral-destination', 'home')
  await type('referral-expected', '25/11/2026')
  await press('referral-save')
  await press('claim-case')
  await press('move-protected_discharge')
  await waitFor(() => expect(screen.getByTestId('case-detail').dataset.state).toBe('protected_discharge'))
  await press('hand-over')
  await type('offer-colleague', 'tito-grimaldesi')
  await press('offer-send')
  expect((await screen.findByTestId('case-offered')).textContent).toContain('GRIMALDESI Tito')
})

test('a call is registered with its hour; without an hour nothing leaves', async () => {
  const host = await openWindow('cot')
  await press('open-tr-basiletti')
  await press('log-call_back')
  await press('log-save')
  expect(host.inside.calls).not.toContain('transition_log_call')
  expect(screen.getByTestId('log-form').textContent).toContain('Indichi giorno e ora')
  await type('call-back-time', '11:30')
  await type('log-text', 'Parlato con il reparto')
  await press('log-save')
  await waitFor(() => expect(screen.getByTestId('case-log').textContent).toContain('Parlato con il reparto'))
  expect((screen.getByTestId('log-text') as HTMLTextAreaElement).value).toBe('')
})

test('a contended case says who has it, and the note already written stays', async () => {
  const host = await openWindow('cot')
  fireEvent.click(within(await screen.findByTestId('case-tr-pontecorbi')).getAllByRole('button')[0] as HTMLElement)
  await press('log-note')
  await type('log-text', 'La figlia chiede il trasporto')
  host.failNext('transition_claim', {
    code: 'already_claimed',
    detail: 'transition/claimed',
    name: 'MARZULLESI Renata',
  })
  await press('claim-case')
  expect((await screen.findByTestId('failure-already_claimed')).textContent).toContain('MARZULLESI Renata')
  expect((screen.getByTestId('log-text') as HTMLTextAreaElement).value).toBe('La figlia chiede il trasporto')
})

test('a handover is accepted once, and a refused one leaves the case where it was', async () => {
  const host = await openWindow('cot')
  await press('place-handovers')
  const accept = await screen.findByTestId('handover-accept-ho-1')
  fireEvent.click(accept)
  fireEvent.click(accept)
  await waitFor(() => expect(screen.queryByTestId('handover-ho-1')).toBeNull())
  expect(host.inside.calls.filter((command) => command === 'handover_accept')).toHaveLength(1)
})

test('offline the step waits in the queue and the card says so', async () => {
  await openWindow('cot-offline')
  await press('open-tr-trevisanti')
  await press('move-protected_discharge')
  await screen.findByTestId('case-queued')
  await press('back-to-board')
  expect((await screen.findByTestId('case-queue-tr-trevisanti')).textContent).toContain('In coda')
})
