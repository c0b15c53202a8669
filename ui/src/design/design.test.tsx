import { act, fireEvent, render, screen } from '@testing-library/react'
import { beforeAll, expect, test, vi } from 'vitest'
import { startWords } from '../i18n'
import { Button, Chain, Dialog, FiveDayClock, Ribbon, SkeletonRows } from '.'

beforeAll(startWords)

test('a button is busy while its work is open, and ignores further presses', async () => {
  let finish = () => {}
  const work = vi.fn(() => new Promise<void>((done) => (finish = done)))
  render(<Button onPress={work}>Avvia</Button>)
  const button = screen.getByRole('button')
  fireEvent.click(button)
  fireEvent.click(button)
  expect(work).toHaveBeenCalledTimes(1)
  expect(button.getAttribute('aria-busy')).toBe('true')
  await act(async () => finish())
  expect(button.getAttribute('aria-busy')).toBeNull()
  fireEvent.click(button)
  expect(work).toHaveBeenCalledTimes(2)
})

test('focus goes back where it was when a dialog closes, and Escape closes it', () => {
  const close = vi.fn()
  const opener = render(<button type="button">Apri</button>)
  screen.getByText('Apri').focus()
  const dialog = render(
    <Dialog title="Titolo" onClose={close}>
      testo
    </Dialog>,
  )
  fireEvent.keyDown(screen.getByRole('dialog'), { key: 'Escape' })
  expect(close).toHaveBeenCalledTimes(1)
  dialog.unmount()
  expect(document.activeElement).toBe(screen.getByText('Apri'))
  opener.unmount()
})

test('a skeleton is not drawn before 300 ms', () => {
  vi.useFakeTimers()
  render(<SkeletonRows />)
  act(() => void vi.advanceTimersByTime(299))
  expect(screen.queryByTestId('skeleton')).toBeNull()
  act(() => void vi.advanceTimersByTime(1))
  expect(screen.queryByTestId('skeleton')).not.toBeNull()
  vi.useRealTimers()
})

test('the clock fills whole days and half of the running one', () => {
  const segments = (gone: number | null) => {
    const view = render(<FiveDayClock gone={gone} label="orologio" />)
    const classes = [...view.container.querySelectorAll('i')].map((segment) => segment.className)
    view.unmount()
    return classes
  }
  expect(segments(null)).toEqual(['', '', '', '', ''])
  expect(segments(0.01)).toEqual(['is-half', '', '', '', ''])
  expect(segments(0.7)).toEqual(['is-full', 'is-full', 'is-full', 'is-half', ''])
  expect(segments(1)).toEqual(['is-full', 'is-full', 'is-full', 'is-full', 'is-full'])
})

test('the current step is told to who cannot see colour', () => {
  render(
    <Ribbon
      label="Percorso"
      items={[
        { id: 'a', state: 'done', name: 'Uno', fact: 'fatto' },
        { id: 'b', state: 'current', name: 'Due', fact: 'ora' },
      ]}
    />,
  )
  expect(screen.getByText('Due').closest('li')?.getAttribute('aria-current')).toBe('step')
})

test('only confirmed receipts are done', () => {
  render(
    <Chain
      label="Ricevute"
      items={[
        { id: 'signed', state: 'done', name: 'Firmato' },
        { id: 'delivered', state: 'waiting', name: 'Consegna' },
      ]}
    />,
  )
  expect(screen.getByTestId('receipt-delivered').className).toBe('is-waiting')
})
