import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
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

test('a case that nobody took says since when and who was told, and note is taken once', async () => {
  const host = await openWindow('cot')
  const banner = await screen.findByTestId('escalation')
  expect(banner.textContent).toContain('La soglia è 2 ore')
  expect(banner.textContent).toContain('Coordinatore avvisato alle')
  await press('escalation-note')
  await waitFor(() => expect(screen.getByTestId('escalation').textContent).toContain('presa visione alle'))
  expect(screen.queryByTestId('escalation-note')).toBeNull()
  expect(host.inside.calls.filter((command) => command === 'transition_acknowledge')).toHaveLength(1)
})

test('the board is narrowed by who, by age and by a part of a name, and widened again', async () => {
  await openWindow('cot')
  await press('case-filter-late')
  await waitFor(() => expect(screen.queryByTestId('case-tr-monfredini')).toBeNull())
  expect(screen.getByTestId('case-tr-pontecorbi').dataset.urgency).toBe('late')
  await press('case-filter-all')
  await type('case-age', '1')
  await waitFor(() => expect(screen.queryByTestId('case-tr-pontecorbi')).toBeNull())
  expect(screen.getByTestId('case-tr-monfredini')).toBeTruthy()
  await type('case-search', 'zzz')
  await screen.findByTestId('board-none-found')
  await press('case-clear')
  expect(await screen.findByTestId('case-tr-pontecorbi')).toBeTruthy()
})

test('the checklist is ticked by who has the case, and only read by the others', async () => {
  const host = await openWindow('cot')
  await press('open-tr-basiletti')
  expect((await screen.findByTestId('checklist')).textContent).toContain('2 di 7 fatti')
  await press('check-item-3')
  await waitFor(() => expect(screen.getByTestId('checklist').textContent).toContain('3 di 7 fatti'))
  expect(host.inside.calls).toContain('transition_check')
  await press('back-to-board')
  fireEvent.click(within(await screen.findByTestId('case-tr-monfredini')).getAllByRole('button')[0] as HTMLElement)
  expect(((await screen.findByTestId('check-item-0')) as HTMLInputElement).disabled).toBe(true)
})

test('discharge, assessment and plan are written; a day that is none is not', async () => {
  await openWindow('cot')
  await press('open-tr-basiletti')
  await press('edit-detail')
  await type('detail-expected', '31/02/2026')
  expect((screen.getByTestId('detail-save') as HTMLButtonElement).disabled).toBe(true)
  await type('detail-expected', '03/12/2026')
  await type('detail-assessment', 'uvm')
  await type('detail-pai', 'PAI 2026/200')
  await press('detail-save')
  await waitFor(() => expect(screen.queryByTestId('detail-dialog')).toBeNull())
  expect(screen.getByTestId('case-detail').textContent).toContain('PAI 2026/200')
  expect(screen.getByTestId('case-detail').textContent).toContain('Multidimensionale (UVM)')
})

test('whom was called stands in the log, and the next call is one click away', async () => {
  await openWindow('cot')
  await press('open-tr-trevisanti')
  await press('log-call_back')
  await press('call-back-tomorrow')
  expect((screen.getByTestId('call-back-time') as HTMLInputElement).value).toBe('09:00')
  await type('call-whom', 'Figlio')
  await press('log-save')
  await waitFor(() => expect(screen.getByTestId('case-log').textContent).toContain('Figlio'))
})

test('an accepted handover is acknowledged by who gave it, and the page is printed once', async () => {
  const host = await openWindow('cot')
  const print = vi.spyOn(window, 'print').mockImplementation(() => {})
  await press('place-handovers')
  await press('handover-note-ho-3')
  await waitFor(() => expect(screen.queryByTestId('handover-ho-3')).toBeNull())
  await press('handovers-print')
  const sheet = await screen.findByTestId('handover-sheet')
  expect(sheet.textContent).toContain('TREVISANTI Elda')
  await waitFor(() => expect(print).toHaveBeenCalledTimes(1))
  fireEvent(window, new Event('afterprint'))
  await waitFor(() => expect(screen.queryByTestId('handover-sheet')).toBeNull())
  expect(host.inside.calls.filter((command) => command === 'handover_sheet')).toHaveLength(1)
  print.mockRestore()
})
