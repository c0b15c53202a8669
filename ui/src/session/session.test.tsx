import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))

test('the lock says why, and leaving with work unsent warns first', async () => {
  const host = await openWindow('locked')
  expect((await screen.findByTestId('lock-reason')).textContent).toContain('dopo 5 minuti senza attività')
  await press('change-user')
  expect((await screen.findByTestId('leave-warning')).textContent).toContain('4 invii non sono ancora partiti')
  await press('change-user-stay')
  await waitFor(() => expect(screen.queryByTestId('leave-warning')).toBeNull())
  expect(host.inside.calls).not.toContain('session_leave')
  await press('change-user')
  await press('change-user-confirm')
  await waitFor(() => expect(host.inside.calls).toContain('session_leave'))
})

test('before a shift one click fetches and says until when, and without a network it says what is here', async () => {
  const host = await openWindow('cot')
  await press('shift-prepare')
  expect((await screen.findByTestId('shift-ready')).textContent).toContain('Pronto per lavorare senza rete fino a')
  expect(host.inside.calls.filter((command) => command === 'shift_prepare')).toHaveLength(1)
  expect(screen.getByTestId('shift-transitions').textContent).toContain('11 di 11')
})

test('offline the shift is not called ready', async () => {
  const host = await openWindow('today-offline')
  await press('shift-prepare')
  await screen.findByTestId('shift-not-ready')
  expect(host.inside.calls).not.toContain('shift_prepare')
  expect(screen.getByTestId('shift-documents').textContent).toContain('31 di 38')
})
