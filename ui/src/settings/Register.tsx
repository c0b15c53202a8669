import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { Banner, Empty, Icon, SkeletonRows } from '../design'
import { when } from '../i18n/format'
import { audit } from '../i18n/it/audit'
import { useView } from '../ipc/query'

const isAction = (key: string): key is keyof typeof audit => Object.hasOwn(audit, key)

/** *Registro accessi*: who opened what from this PC, newest first, and whether the chain is whole. */
export function Register() {
  const { t } = useTranslation(['settings', 'audit'])
  const list = useView('audit_list', [])
  const [text, setText] = useState('')
  if (list.error) return <FailureBanner failure={list.error.failure} onRetry={() => list.refetch()} />
  if (!list.data) return <SkeletonRows />
  const { lines, intact } = list.data
  const asked = text.trim().toLocaleLowerCase('it')
  const named = lines.map((line) => ({
    ...line,
    words: isAction(line.action) ? t(`audit:${line.action}`) : t('unknown'),
  }))
  const shown = named.filter(({ words, actor, subject }) =>
    `${words} ${actor} ${subject}`.toLocaleLowerCase('it').includes(asked),
  )
  return (
    <div className="stack wide settings-register">
      <h2>{t('register')}</h2>
      {intact ? (
        <Banner boxed tone="ok" title={`${t('intact')}.`} testId="register-intact">
          {t('intactText')}
        </Banner>
      ) : (
        <Banner boxed urgent tone="danger" title={t('broken')} testId="register-broken">
          {t('brokenText')}
        </Banner>
      )}
      {lines.length === 0 ? (
        <Empty icon="key" title={t('registerEmpty')} testId="register-empty">
          {t('registerEmptyText')}
        </Empty>
      ) : (
        <>
          <div className="settings-search">
            <Icon name="search" size="s" />
            <input
              type="search"
              className="ps-input"
              aria-label={t('filter')}
              placeholder={t('filterPlaceholder')}
              value={text}
              data-testid="register-search"
              onChange={(event) => setText(event.target.value)}
            />
          </div>
          <div className="ps-card">
            <table className="settings-table" data-testid="register">
              <thead>
                <tr>
                  <th scope="col">{t('when')}</th>
                  <th scope="col">{t('what')}</th>
                  <th scope="col">{t('who')}</th>
                  <th scope="col">{t('on')}</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((line) => (
                  <tr key={line.seq}>
                    <td className="nw">{when(line.at)}</td>
                    <td>{line.words}</td>
                    <td className="nw">{line.actor}</td>
                    <td className="mono settings-subject">{line.subject}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {shown.length === 0 ? <p className="pad mut">{t('filterNone')}</p> : null}
          </div>
          <p className="t-xs mut">{t('registerNote', { count: lines.length })}</p>
        </>
      )}
    </div>
  )
}
