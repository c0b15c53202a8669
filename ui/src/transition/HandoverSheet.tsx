import { useEffect } from 'react'
import { createPortal } from 'react-dom'
import { useTranslation } from 'react-i18next'
import { nearDay, personName, shortWhen, when } from '../i18n/format'
import type { HandoverSheetView } from '../ipc/generated/HandoverSheetView'

/** The page that is printed at the end of a shift. Only the printer sees it; nothing of it is written by this program. */
export function HandoverSheet({ sheet, onDone }: { sheet: HandoverSheetView; onDone: () => void }) {
  const { t } = useTranslation('transition')
  useEffect(() => {
    const done = () => onDone()
    window.addEventListener('afterprint', done, { once: true })
    window.print()
    return () => window.removeEventListener('afterprint', done)
  }, [onDone])
  const column = (name: 'person' | 'path' | 'state' | 'todo' | 'checks' | 'received') =>
    t(`handovers.printColumns.${name}`)
  return createPortal(
    <div className={`print-sheet${sheet.cards.length > 16 ? ' is-dense' : ''}`} data-testid="handover-sheet">
      <h1>{t('handovers.printTitle', { name: sheet.operator })}</h1>
      <p>
        {sheet.structure}, {when(sheet.at)}
      </p>
      {sheet.cards.length === 0 ? <p>{t('handovers.printNone')}</p> : null}
      <table>
        <thead>
          <tr>
            <th>{column('person')}</th>
            <th>{column('path')}</th>
            <th>{column('state')}</th>
            <th>{column('todo')}</th>
            <th>{column('checks')}</th>
            <th>{column('received')}</th>
          </tr>
        </thead>
        <tbody>
          {sheet.cards.map((card) => (
            <tr key={card.id}>
              <td>
                <b>{personName(card.patient)}</b> {card.patient.age_years}
                <br />
                {card.patient.fiscal_code}
              </td>
              <td>
                {t(`short.${card.origin}`)}, {t(`toward.${card.destination}`)}
              </td>
              <td>{t(`columns.${card.state}`)}</td>
              <td>
                {card.call_back_at ? (
                  <b>
                    {t('callBack', { at: shortWhen(card.call_back_at) })}
                    {card.call_back_whom ? ` (${card.call_back_whom})` : ''}.{' '}
                  </b>
                ) : null}
                {card.expected_discharge ? `${t('discharge', { on: nearDay(card.expected_discharge) })}. ` : null}
                {card.note}
              </td>
              <td>{card.checks > 0 ? `${card.checks_done}/${card.checks}` : ''}</td>
              <td className="print-box" />
            </tr>
          ))}
        </tbody>
      </table>
      {sheet.left_out > 0 ? <p>{t('handovers.printMore', { count: sheet.left_out })}</p> : null}
      <p className="print-sign">{t('handovers.printSign')}</p>
    </div>,
    document.body,
  )
}
