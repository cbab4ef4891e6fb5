import { AppEvents } from '@grafana/data'
import { getAppEvents, getBackendSrv } from '@grafana/runtime'
import { Dropdown, Menu, ToolbarButton } from '@grafana/ui'
import { useBoot } from './bootContext'

/** Who the browser is; another role is another session of the server, so the page is loaded anew. */
export function UserMenu() {
  const { user, roles } = useBoot()
  const become = async (role: string) => {
    try {
      await getBackendSrv().post('/preview/role', { role }, { showErrorAlert: false })
      location.reload()
    } catch {
      getAppEvents().publish({
        type: AppEvents.alertError.name,
        payload: [`The preview host did not make you ${role}.`],
      })
    }
  }
  const menu = (
    <Menu>
      <Menu.Group label={`Signed in as ${user.login}`}>
        {roles.map((role) => (
          <Menu.Item
            key={role}
            label={role}
            active={role === user.role}
            icon={role === user.role ? 'check' : 'user'}
            onClick={() => void become(role)}
          />
        ))}
      </Menu.Group>
    </Menu>
  )
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <ToolbarButton variant="canvas" icon="user" aria-label={`User menu, role ${user.role}`}>
        {user.role}
      </ToolbarButton>
    </Dropdown>
  )
}
