import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))

test('the register reads in words and says when it is not whole', async () => {
  await openWindow('broken')
  await press('place-settings')
  await press('settings-register')
  expect((await screen.findByTestId('register')).textContent).toContain('Scheda dell’assistito aperta')
  await screen.findByTestId('register-broken')
})

test('the address of the region is asked again only as https', async () => {
  const host = await openWindow('today')
  await press('place-settings')
  await press('settings-region')
  await press('region-change')
  fireEvent.change(screen.getByTestId('region-address'), { target: { value: 'http://regione.example' } })
  await press('region-save')
  expect(screen.getByTestId('change-region').textContent).toContain('deve cominciare con https://')
  expect(host.inside.calls).not.toContain('station_set_region')
  fireEvent.change(screen.getByTestId('region-address'), { target: { value: 'https://regione.example' } })
  await press('region-save')
  await waitFor(() => expect(host.inside.calls).toContain('station_set_region'))
})

test('the lock by card is on until it is switched off', async () => {
  const host = await openWindow('today')
  await press('place-settings')
  const box = (await screen.findByTestId('card-lock')) as HTMLInputElement
  expect(box.checked).toBe(true)
  fireEvent.click(box)
  await waitFor(() => expect((screen.getByTestId('card-lock') as HTMLInputElement).checked).toBe(false))
  expect(host.inside.settings).toEqual({ card_lock: false })
})

test('patients are found as one types, and none is said in words', async () => {
  await openWindow('gp')
  await press('place-patients')
  fireEvent.change(await screen.findByTestId('patient-search'), { target: { value: 'SNTBNC' } })
  await waitFor(() => expect(screen.queryByTestId('patient-marottoli')).toBeNull())
  await press('patient-santelmi')
  expect((await screen.findByTestId('related')).textContent).toContain('OTTAVIANI Chiara')
  fireEvent.change(screen.getByTestId('patient-search'), { target: { value: 'zzzz' } })
  await screen.findByTestId('patients-empty')
})

test('the page of the keys has those of the board, of the teleconsults and of many signatures', async () => {
  await openWindow('today')
  await press('place-settings')
  await press('settings-keyboard')
  const page = (await screen.findByTestId('keyboard')).textContent ?? ''
  expect(page).toContain('Ctrl InvioLeggi il prossimo, poi firma')
  expect(page).toContain('Alt IChiedi altre informazioni')
  expect(page).toContain('Alt AAssegna a me')
  expect(page).not.toContain('keys.')
})
