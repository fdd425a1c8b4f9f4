rootProject.name = "nextline"
