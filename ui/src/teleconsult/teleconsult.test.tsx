import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const press = async (id: string) => fireEvent.click(await screen.findByTestId(id))
const type = async (id: string, value: string) => fireEvent.change(await screen.findByTestId(id), { target: { value } })

const openRow = async (id: string) =>
  fireEvent.click(within(await screen.findByTestId(`teleconsult-${id}`)).getAllByRole('button')[0] as HTMLElement)

async function newRequest(patient: string) {
  await press('place-patients')
  await press(`patient-${patient}`)
  await press('patient-new-teleconsult')
  await press('step-question')
}

test('a request is saved as it is typed, says what is missing, and sent offline waits in the queue', async () => {
  const host = await openWindow('gp-offline')
  await newRequest('marottoli')
  await type('question', 'Affanno da sforzo: anticipare il controllo?')
  await type('speciality', '08')
  await waitFor(() => expect(screen.getByTestId('saved').textContent).toMatch(/^Salvato \d\d:\d\d$/), {
    timeout: 20_000,
  })
  await press('step-send')
  expect((await screen.findByTestId('request-send')).hasAttribute('disabled')).toBe(true)
  await press('missing-priority')
  await press('priority-B')
  await press('step-consent')
  await press('consent')
  await press('step-send')
  await waitFor(() => expect(screen.getByTestId('request-send').hasAttribute('disabled')).toBe(false), {
    timeout: 2000,
  })
  const send = screen.getByTestId('request-send')
  fireEvent.click(send)
  fireEvent.click(send)
  expect((await screen.findByTestId('teleconsult-queued')).textContent).toContain('parte da sola')
  expect(host.inside.calls.filter((command) => command === 'teleconsult_send')).toHaveLength(1)
})

test('for a child, who represents comes before consent, and both parents can be named', async () => {
  await openWindow('pls')
  await newRequest('santelmi')
  await press('step-consent')
  await screen.findByTestId('representative-first')
  expect((screen.getByTestId('consent') as HTMLInputElement).disabled).toBe(true)
  await press('go-representative')
  await press('giver-0')
  await type('giver-document', 'Carta d’identità CA00000XX')
  await press('both-parents')
  await waitFor(() => expect(screen.getByTestId('step-representation').dataset.done).toBe('true'), { timeout: 20_000 })
  await press('step-consent')
  expect((screen.getByTestId('consent') as HTMLInputElement).disabled).toBe(false)
  expect(document.body.textContent).toContain('OTTAVIANI Chiara, genitore')
})

test('a draft comes back where it was left', async () => {
  await openWindow('gp')
  await newRequest('marottoli')
  await type('question', 'Palpitazioni notturne')
  await press('request-later')
  await screen.findByTestId('teleconsults')
  await press('teleconsult-action-draft-marottoli')
  await press('step-question')
  expect((screen.getByTestId('question') as HTMLTextAreaElement).value).toBe('Palpitazioni notturne')
})

test('a refused file leaves the rest of the request as it was', async () => {
  const host = await openWindow('gp')
  await newRequest('marottoli')
  await type('question', 'Palpitazioni notturne')
  host.failNext('teleconsult_attach', { code: 'attachment_too_large', detail: 'attachment/size' })
  await press('attach-side')
  expect((await screen.findByTestId('failure-attachment_too_large')).textContent).toContain('200 MB')
  expect((screen.getByTestId('question') as HTMLTextAreaElement).value).toBe('Palpitazioni notturne')
})

test('the answer is kept while it is typed and leaves once', async () => {
  const host = await openWindow('today')
  await press('place-teleconsults')
  await openRow('tc-delvecchiati')
  await type('answer-text', 'Il passaggio è indicato.')
  await waitFor(() => expect(host.inside.calls).toContain('teleconsult_answer_save'), { timeout: 20_000 })
  await type('answer-what', 'Passare all’anticoagulante diretto')
  await type('answer-by_when', 'entro 7 giorni')
  const send = screen.getByTestId('answer-send')
  expect(send.hasAttribute('disabled')).toBe(true)
  expect(screen.getByTestId('answer-hint').textContent).toContain('Quando preoccuparsi')
  await type('answer-worry', 'sanguinamento')
  fireEvent.click(send)
  fireEvent.click(send)
  await waitFor(() => expect(screen.getByTestId('teleconsult-detail').dataset.state).toBe('answered'))
  expect(host.inside.calls.filter((command) => command === 'teleconsult_answer')).toHaveLength(1)
})

test('a case that a colleague has just claimed says whose it is and keeps what was written', async () => {
  const host = await openWindow('today')
  await press('place-teleconsults')
  await openRow('tc-petracchi')
  await type('answer-text', 'Proporrei un ecocardiogramma.')
  host.failNext('teleconsult_claim', {
    code: 'already_claimed',
    detail: 'teleconsult/claimed',
    name: 'QUERCETTI Sandro',
  })
  await press('claim')
  expect((await screen.findByTestId('failure-already_claimed')).textContent).toContain('Assegnato a QUERCETTI Sandro.')
  expect((screen.getByTestId('answer-text') as HTMLTextAreaElement).value).toBe('Proporrei un ecocardiogramma.')
})

test('who asked finds the answer in Oggi and closes it with remarks', async () => {
  await openWindow('gp')
  await openRow('tc-santoviti')
  await type('remarks', 'Il paziente preferisce attendere.')
  await press('acknowledge')
  await screen.findByTestId('teleconsult-closed')
  expect(screen.getByTestId('conversation').textContent).toContain('Il paziente preferisce attendere.')
})

test('a question back stops the clock and says so in the one sentence of the case', async () => {
  await openWindow('today')
  await press('place-teleconsults')
  await openRow('tc-delvecchiati')
  expect((await screen.findByTestId('turn-line')).textContent).toMatch(/^Tocca a: Lei, entro /)
  expect(screen.getByTestId('clock-stood').textContent).toContain('toccava al medico richiedente')
  fireEvent.keyDown(document, { key: 'i', code: 'KeyI', altKey: true })
  await type('ask-text', 'Anche la pressione?')
  await press('ask-send')
  await waitFor(() => expect(screen.getByTestId('teleconsult-detail').dataset.state).toBe('needs_information'))
  expect(screen.getByTestId('turn-line').textContent).toBe('Tocca a: FERRANTINO Guido')
  expect(screen.queryByTestId('ask-information')).toBeNull()
})

test('who asked replies, and the case goes back to the specialist', async () => {
  await openWindow('gp')
  await press('place-teleconsults')
  await openRow('tc-corvelli')
  await type('reply-text', 'Holter allegato.')
  await press('reply-send')
  await waitFor(() => expect(screen.getByTestId('teleconsult-detail').dataset.state).toBe('claimed'))
  expect(screen.getByTestId('turn-line').textContent).toMatch(/^Tocca a: VALMORI Irene/)
})

test('a reply is kept while it is typed, and leaving the case and coming back shows it', async () => {
  const host = await openWindow('gp')
  await press('place-teleconsults')
  await openRow('tc-corvelli')
  await type('reply-text', 'Holter di lunedì: ')
  await waitFor(() => expect(screen.getByTestId('saved').textContent).toMatch(/^Salvato \d\d:\d\d$/), {
    timeout: 20_000,
  })
  await type('reply-text', 'Holter di lunedì: nessuna pausa')
  // Left before the pause after the last keystroke.
  await openRow('tc-santoviti')
  await screen.findByTestId('remarks')
  await openRow('tc-corvelli')
  expect(((await screen.findByTestId('reply-text')) as HTMLTextAreaElement).value).toBe(
    'Holter di lunedì: nessuna pausa',
  )
  await press('reply-send')
  await waitFor(() => expect(screen.getByTestId('teleconsult-detail').dataset.state).toBe('claimed'))
  expect(host.inside.calls.filter((command) => command === 'teleconsult_reply')).toHaveLength(1)
})

test('a question back is kept when its dialog is closed, and an answer when its case is left', async () => {
  await openWindow('today')
  await press('place-teleconsults')
  await openRow('tc-delvecchiati')
  await type('answer-text', 'Il passaggio è indicato.')
  await press('ask-information')
  await type('ask-text', 'Anche la pressione?')
  fireEvent.keyDown(screen.getByTestId('ask-text'), { key: 'Escape' })
  await waitFor(() => expect(screen.queryByTestId('ask-text')).toBeNull())
  await openRow('tc-petracchi')
  await openRow('tc-delvecchiati')
  await waitFor(() =>
    expect((screen.getByTestId('answer-text') as HTMLTextAreaElement).value).toBe('Il passaggio è indicato.'),
  )
  await press('ask-information')
  expect((screen.getByTestId('ask-text') as HTMLTextAreaElement).value).toBe('Anche la pressione?')
})

test('a disagreement stands beside the answer, and the control visit is followed from its NRE', async () => {
  await openWindow('gp')
  await press('place-teleconsults')
  await press('teleconsult-filter-prescribe')
  fireEvent.click(
    within(await screen.findByTestId('prescription-tc-santoviti')).getAllByRole('button')[0] as HTMLElement,
  )
  expect((await screen.findByTestId('disagrees')).textContent).toContain('non concorda')
  expect(screen.getByTestId('opening').textContent).toContain('Quando preoccuparsi')
  await type('prescription-input', '150A2')
  await press('prescription-save')
  await screen.findByText(/L’NRE ha 15 caratteri/)
  await type('prescription-input', '150A2 40000 00012')
  await press('prescription-save')
  await waitFor(() => expect(screen.getByTestId('prescription-card').dataset.state).toBe('booked'))
  expect(screen.getByTestId('prescription-nre').textContent).toBe('150A24000000012')
})

test('what the speciality asks is filled from the archive, and what is missing is one press away', async () => {
  await openWindow('gp')
  await newRequest('marottoli')
  await type('question', 'Affanno da sforzo')
  await type('speciality', '08')
  const therapy = (await screen.findByTestId('template-therapy')) as HTMLTextAreaElement
  expect(therapy.value).toContain('Bisoprololo')
  await press('step-send')
  expect((await screen.findByTestId('unsaid-before-sending')).textContent).toContain('Sintomi e da quando')
  await press('say-symptoms')
  await waitFor(() => expect(document.activeElement?.getAttribute('data-testid')).toBe('template-symptoms'))
  await type('template-symptoms', 'Dispnea da una settimana')
  await waitFor(() => expect(screen.queryByTestId('say-symptoms')).toBeNull(), { timeout: 20_000 })
})

test('what the region refused is taken back to where it was typed', async () => {
  const host = await openWindow('gp-refused')
  await press('place-teleconsults')
  await openRow('tc-corvelli')
  expect((await screen.findByTestId('case-stopped')).textContent).toContain('non ha accettato: informazioni')
  host.failNext('teleconsult_withdraw', { code: 'region_unreachable', detail: 'region/connect' })
  await press('withdraw')
  await screen.findByTestId('failure-region_unreachable')
  await press('withdraw')
  await waitFor(() => expect(screen.queryByTestId('case-stopped')).toBeNull())
  await waitFor(() =>
    expect((screen.getByTestId('reply-text') as HTMLTextAreaElement).value).toContain(
      'nessuna pausa oltre due secondi',
    ),
  )
})

test('two versions stand side by side, and mine can go as a note', async () => {
  await openWindow('conflict')
  await press('place-teleconsults')
  expect(document.body.textContent).toContain('Due versioni o da correggere')
  await openRow('tc-ruggerini')
  expect((await screen.findByTestId('version-mine')).textContent).toContain('Sospendere il betabloccante')
  expect(screen.getByTestId('version-region').textContent).toContain('Assegnato a QUERCETTI Sandro')
  await press('send-as-note')
  await waitFor(() => expect(screen.queryByTestId('case-versions')).toBeNull())
})
