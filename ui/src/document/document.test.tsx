import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const type = async (id: string, value: string) => fireEvent.change(await screen.findByTestId(id), { target: { value } })

test('a document is found by words in any order, without accents, and opening it is the only access', async () => {
  const host = await openWindow('gp')
  fireEvent.click(await screen.findByTestId('place-documents'))
  await screen.findByTestId('document-bellisario-1')
  await type('document-search', 'écocardiogramma MAROTTOLI')
  await waitFor(() => expect(screen.queryByTestId('document-bellisario-1')).toBeNull())
  expect(screen.getByTestId('document-count').textContent).toBe('1 documento')
  expect(screen.getByTestId('document-marottoli-3').dataset.here).toBe('false')
  expect(host.inside.calls, 'a search opened a document').not.toContain('document_content')

  fireEvent.click(screen.getByTestId('document-marottoli-3'))
  expect((await screen.findByTestId('identity-bar')).dataset.patient).toBe('marottoli')
  await within(screen.getByTestId('document-detail')).findByTestId('failure-region_unreachable')

  await type('document-search', 'mrtsnt55c52x000i')
  fireEvent.click(await screen.findByTestId('document-marottoli-1'))
  await within(screen.getByTestId('document-detail')).findByTestId('pdf')
  await type('document-search', 'nessuno così')
  await screen.findByTestId('documents-empty')
  expect(screen.getByTestId('identity-bar').dataset.patient, 'what is read stays').toBe('marottoli')
})

test('to a COT the place says that it is closed, and asks nothing of the core', async () => {
  const host = await openWindow('cot')
  fireEvent.click(await screen.findByTestId('place-documents'))
  await screen.findByTestId('documents-closed')
  expect(host.inside.calls).not.toContain('document_recent')
})
