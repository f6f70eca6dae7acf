// What the modules say to one another.

@export()
type grantee = {
  principalId: string
  principalType: 'Group' | 'ServicePrincipal'
}

@export()
type identity = {
  id: string
  clientId: string
  principalId: string
}

@export()
type setting = {
  name: string
  value: string
}
