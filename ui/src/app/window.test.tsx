import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

async function press(id: string) {
  const button = (await screen.findByTestId(id)) as HTMLButtonElement
  await waitFor(() => expect(button.disabled, `${id} is off`).not.toBe(true))
  fireEvent.click(button)
}
const type = async (id: string, value: string) => fireEvent.change(await screen.findByTestId(id), { target: { value } })

async function openMarottoli() {
  await press('row-action-tv-marottoli')
  await screen.findByTestId('televisit-detail')
}

test('login leads through the browser to the choice of role, and the role stays in sight', async () => {
  await openWindow('out')
  await press('login-spid')
  expect((await screen.findByTestId('login-address')).textContent).toContain('http://127.0.0.1')
  await press('role-golfo-cardiologia')
  expect((await screen.findByTestId('role')).textContent).toBe('Ospedale del Golfo, CardiologiaMedico specialista')
}, 10_000)

test('a wrong station PIN says what was kept, empties the field, and the right one opens', async () => {
  await openWindow('locked')
  await type('secret', '111111')
  await press('unlock-submit')
  expect((await screen.findByTestId('failure-wrong_station_secret')).textContent).toContain(
    'Le bozze e la coda sono intatte.',
  )
  expect((screen.getByTestId('secret') as HTMLInputElement).value).toBe('')
  await type('secret', '246813')
  await press('unlock-submit')
  await screen.findByTestId('agenda')
})

test('behind the lock nothing of a patient is in the page, and the place is found again', async () => {
  await openWindow('today')
  await openMarottoli()
  await press('lock')
  await screen.findByTestId('lock-screen')
  expect(document.body.textContent).not.toContain('MAROTTOLI')
  expect(document.body.textContent).not.toContain('MRTSNT55C52X000I')
  await type('secret', '246813')
  await press('unlock-submit')
  expect((await screen.findByTestId('identity-bar')).dataset.patient).toBe('marottoli')
})

test('a weak first secret is refused before and after the core has seen it', async () => {
  await openWindow('first')
  await type('new-secret', 'corta')
  await type('repeat-secret', 'corta')
  await press('create-secret-submit')
  expect(await screen.findByText('Servono almeno 12 caratteri.')).toBeTruthy()
  await type('new-secret', 'parole lontane tra loro')
  await type('repeat-secret', 'parole lontane tra noi')
  expect(await screen.findByText('I due testi non coincidono.')).toBeTruthy()
  await type('repeat-secret', 'parole lontane tra loro')
  await press('create-secret-submit')
  await screen.findByTestId('choose-role')
})

test('late first, then who waits; a search and an empty group say so', async () => {
  await openWindow('today')
  const agenda = await screen.findByTestId('agenda')
  await within(agenda).findByTestId('row-tv-marottoli')
  const groups = within(agenda)
    .getAllByRole('heading', { level: 2 })
    .map((heading) => heading.textContent)
  expect(groups.slice(0, 3)).toEqual(['Scadono per primi', 'In sala d’attesa', 'Prossime'])
  await type('agenda-search', 'fiorentano')
  await waitFor(() => expect(within(agenda).queryByTestId('row-tv-marottoli')).toBeNull())
  await type('agenda-search', 'nessuno')
  await screen.findByTestId('agenda-empty')
})

test('a visit that is not a control visit is refused in the words of the region', async () => {
  await openWindow('today')
  await press('row-action-tv-sorbellini')
  const refusal = await screen.findByTestId('not-a-control-visit')
  expect(refusal.textContent).toBe(
    'La televisita è ammessa solo per visite di controllo. Per una prima visita: prenotazione in presenza al CUP.',
  )
  expect(screen.queryByTestId('start-televisit')).toBeNull()
})

test('the call is off until identity and consent are there; a double click confirms once', async () => {
  const host = await openWindow('today')
  await openMarottoli()
  expect((screen.getByTestId('start-televisit') as HTMLButtonElement).disabled).toBe(true)
  await press('verify-identity')
  await press('method-document_shown')
  const confirm = screen.getByTestId('confirm-identity')
  fireEvent.click(confirm)
  fireEvent.click(confirm)
  await waitFor(() => expect(screen.getByTestId('check-identity').dataset.state).toBe('done'))
  expect(host.inside.calls.filter((name) => name === 'televisit_confirm_identity')).toHaveLength(1)
  await press('record-consent')
  await press('consent-service')
  await press('confirm-consent')
  await waitFor(() => expect((screen.getByTestId('start-televisit') as HTMLButtonElement).disabled).toBe(false))
})

test('a mismatch closes the visit, asks before doing it, and shows no document', async () => {
  const host = await openWindow('today')
  await openMarottoli()
  await press('verify-identity')
  await press('refuse-identity')
  expect(host.inside.calls).not.toContain('televisit_refuse_identity')
  await press('refuse-identity-confirm')
  expect((await screen.findByTestId('not-held')).textContent).toContain('Identità non confermata')
  expect(within(screen.getByTestId('documents')).queryByRole('button')).toBeNull()
})

test('for a ward the guardian consents, in that title and with a document', async () => {
  const host = await openWindow('today')
  await press('row-action-tv-gualterotti')
  await press('verify-identity')
  await press('method-known_to_clinician')
  await press('confirm-identity')
  await press('record-consent')
  await press('consent-service')
  await press('confirm-consent')
  expect(host.inside.calls, 'a document is missing').not.toContain('televisit_record_consent')
  await type('giver-document', 'CI CA00000XX')
  await press('confirm-consent')
  await screen.findByTestId('consent-badge')
  const visit = host.inside.visits.find(({ view }) => view.id === 'tv-gualterotti')
  expect(visit?.view.consent?.representative).toMatchObject({
    family: 'Lanfranchi',
    title: 'guardian',
    document: 'CI CA00000XX',
  })
})

test('a failure of a command is said in the dialog and nothing is lost', async () => {
  const host = await openWindow('today')
  await openMarottoli()
  await press('notify-delay')
  host.failNext('televisit_notify_delay', { code: 'region_unavailable', detail: 'region/503' })
  await press('send-delay')
  const banner = await screen.findByTestId('failure-region_unavailable')
  expect(banner.textContent).not.toContain('region/503')
  fireEvent.click(within(banner).getByText('Dettagli'))
  expect(banner.textContent).toContain('region/503')
  await press('send-delay')
  await waitFor(() => expect(screen.getByTestId('notify-delay').textContent).toBe('Avvisato: 10 minuti'))
})

test('Ctrl+K finds a patient, ? lists the keys, Ctrl+number changes place', async () => {
  await openWindow('today')
  await screen.findByTestId('agenda')
  fireEvent.keyDown(window, { key: 'k', ctrlKey: true })
  await type('palette-input', 'torri')
  await screen.findByTestId('palette-patient-torrigiani')
  fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' })
  await waitFor(() => expect(screen.getByTestId('identity-bar').dataset.patient).toBe('torrigiani'))
  fireEvent.keyDown(document.body, { key: '?' })
  await press('dialog-close')
  fireEvent.keyDown(document.body, { key: '5', ctrlKey: true })
  await screen.findByTestId('queue')
})
