import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { openWindow } from '../testing'

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-testid="patients"] [data-row]')]

test('a long list goes on under the arrow keys, and the search looks at all of it', async () => {
  await openWindow('gp-many')
  fireEvent.click(await screen.findByTestId('place-patients', undefined, { timeout: 20_000 }))
  await waitFor(() => expect(rows()).toHaveLength(60), { timeout: 20_000 })
  const field = screen.getByTestId('patient-search')
  fireEvent.keyDown(field, { key: 'ArrowDown' })
  expect(document.activeElement).toBe(rows()[0])
  fireEvent.keyDown(rows()[0] as HTMLElement, { key: 'End' })
  expect(document.activeElement).toBe(rows()[59])
  fireEvent.keyDown(rows()[59] as HTMLElement, { key: 'ArrowDown' })
  await waitFor(() => expect(rows().length).toBeGreaterThan(60), { timeout: 20_000 })
  expect(document.activeElement).toBe(rows()[59])
  fireEvent.keyDown(rows()[59] as HTMLElement, { key: 'ArrowDown' })
  expect(document.activeElement).toBe(rows()[60])
  fireEvent.click(screen.getByTestId('patients-more'))
  await waitFor(() => expect(rows().length).toBeGreaterThan(180), { timeout: 20_000 })
  // Far beyond what is shown; accents and order of the words do not matter.
  fireEvent.change(field, { target: { value: 'ida abbate1479' } })
  await waitFor(() => expect(rows()).toHaveLength(1), { timeout: 20_000 })
  expect(rows()[0]?.textContent).toContain('ÀBBATE1479 Ida')
  expect(screen.queryByTestId('patients-more')).toBeNull()
  // Back where one was.
  fireEvent.change(field, { target: { value: '' } })
  await waitFor(() => expect(rows().length).toBeGreaterThan(180), { timeout: 20_000 })
})
