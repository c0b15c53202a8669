import { useTranslation } from 'react-i18next'
import { Card, Kbd } from '../design'

/** Every key of the window; the list that `?` opens is the short form. */
export function Keyboard() {
  const { t } = useTranslation(['settings', 'frame'])
  const enter = t('frame:palette.enter')
  const groups: { name: string; keys: [string[], string][] }[] = [
    {
      name: t('frame:keys.general'),
      keys: [
        [['Ctrl K'], t('frame:keys.find')],
        [['?'], t('frame:keys.list')],
        [['Ctrl 1', 'Ctrl 6'], t('frame:keys.places')],
        [['Ctrl L'], t('frame:keys.lock')],
        [['F6'], t('frame:keys.pane')],
        [[t('frame:keys.arrows')], t('frame:keys.rows')],
        [[enter], t('frame:keys.enter')],
        [['Esc'], t('frame:keys.esc')],
      ],
    },
    {
      name: t('keys.teleconsult'),
      keys: [
        [['Alt N'], t('keys.newTeleconsult')],
        [['Alt M'], t('keys.mine')],
        [['Ctrl', enter], t('keys.answer')],
      ],
    },
    {
      name: t('keys.transition'),
      keys: [
        [['Alt N'], t('keys.newCase')],
        [['Alt M'], t('keys.mine')],
        [['Alt A'], t('keys.claim')],
        [['Ctrl', enter], t('keys.next')],
      ],
    },
    {
      name: t('frame:keys.visit'),
      keys: [
        [['Alt I'], t('frame:keys.identity')],
        [['Alt C'], t('frame:keys.consent')],
        [['Alt A'], t('frame:keys.start')],
        [['Alt R'], t('frame:keys.report')],
        [['Alt T'], t('frame:keys.phone')],
        [['Ctrl', enter], t('frame:keys.sign')],
      ],
    },
    {
      name: t('frame:keys.inCall'),
      keys: [
        [['Ctrl D'], t('frame:keys.microphone')],
        [['Ctrl E'], t('frame:keys.camera')],
        [['Ctrl Shift C'], t('frame:keys.chat')],
        [['Ctrl Shift X'], t('frame:keys.end')],
      ],
    },
  ]
  return (
    <div className="stack wide">
      <h2>{t('keyboard')}</h2>
      <div className="settings-keys">
        {groups.map((group) => (
          <Card key={group.name} title={group.name} level={3}>
            <dl className="ps-card-body">
              {group.keys.map(([keys, what]) => (
                <div key={what} className="settings-key">
                  <dt className="line tight">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </Card>
        ))}
      </div>
    </div>
  )
}
