import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

test('a caregiver is invited from the call without the region, and the card says that the invitation waits', async () => {
  const host = await openWindow('call')
  host.inside.link.online = false
  fireEvent.click(await screen.findByTestId('row-action-tv-marottoli'))
  fireEvent.click(await screen.findByTestId('call-participants'))
  await screen.findByTestId('participants')
  fireEvent.click(screen.getByTestId('invite-caregiver'))
  expect((await screen.findByTestId('confirm-invite')).hasAttribute('disabled')).toBe(true)
  fireEvent.change(screen.getByTestId('invite-family'), { target: { value: 'Donadio' } })
  fireEvent.change(screen.getByTestId('invite-given'), { target: { value: 'Elena' } })
  fireEvent.change(screen.getByTestId('invite-relation'), { target: { value: 'badante' } })
  fireEvent.click(screen.getByTestId('confirm-invite'))
  expect((await screen.findByTestId('invitation')).textContent).toBe('Invito in coda')
  expect(screen.queryByTestId('invite-dialog')).toBeNull()
})

test('beside a related person without title there is a button, and it fills the dialog', async () => {
  await openWindow('today')
  fireEvent.click(await screen.findByTestId('row-action-tv-marottoli'))
  fireEvent.click(await screen.findByTestId('invite-known'))
  expect((await screen.findByTestId('invite-family')).getAttribute('value')).toBe('Riccitelli')
  expect(screen.getByTestId('invite-relation').getAttribute('value')).toBe('figlia, caregiver')
  fireEvent.click(screen.getByTestId('confirm-invite'))
  await waitFor(() => expect(screen.getByTestId('invitation').textContent).toBe('Invito inviato'))
  expect(screen.queryByTestId('invite-known')).toBeNull()
})
