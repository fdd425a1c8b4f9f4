package dev.nextline.jetbrains

import com.intellij.openapi.project.Project
import com.intellij.openapi.project.ProjectManagerListener
import com.intellij.openapi.startup.ProjectActivity

/** The first project starts the agent; the folders of all of them are the agent's. */
class Opened : ProjectActivity {
    override suspend fun execute(project: Project) {
        Nextline.instance.agent.foldersChanged()
    }
}

class Closed : ProjectManagerListener {
    override fun projectClosed(project: Project) {
        Nextline.instance.agent.foldersChanged()
    }
}
